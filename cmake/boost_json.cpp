// SPDX-License-Identifier: Apache-2.0
// Boost.JSON, compiled once for whoever uses its headers.
#include <boost/json/src.hpp>
