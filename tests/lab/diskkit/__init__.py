# SPDX-License-Identifier: Apache-2.0
"""Guests in which real SCSI LUNs are shared; what tests/lab/disks is made of."""
