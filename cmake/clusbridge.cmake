# SPDX-License-Identifier: Apache-2.0
# Build rules shared by every folder: one folder is one target, its link list is its include arrows.

add_library(clusbridge_options INTERFACE)
target_compile_options(clusbridge_options INTERFACE
    -Wall -Wextra -Wpedantic -Wnon-virtual-dtor -Wold-style-cast -Wcast-align)
if(NOT CMAKE_UNITY_BUILD)
    target_compile_options(clusbridge_options INTERFACE -Wshadow)
elseif(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A source that is compiled with others is included by a file. g++ takes it for a header, and what the others have
    # outside their functions for shadowed; clang does, too, and cannot be told to look inside functions only.
    target_compile_options(clusbridge_options INTERFACE -Wshadow=local)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-subobject-linkage>)
endif()
if(CLUSBRIDGE_WERROR)
    target_compile_options(clusbridge_options INTERFACE -Werror)
    # g++ 12 takes members of a variant for uninitialised when it optimises.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(clusbridge_options INTERFACE
            $<$<CONFIG:Release,RelWithDebInfo>:-Wno-error=maybe-uninitialized>)
    endif()
endif()
if(CLUSBRIDGE_SANITIZE)
    target_compile_options(clusbridge_options INTERFACE
        -fsanitize=${CLUSBRIDGE_SANITIZE} -fno-omit-frame-pointer)
    target_link_options(clusbridge_options INTERFACE -fsanitize=${CLUSBRIDGE_SANITIZE})
endif()
target_include_directories(clusbridge_options INTERFACE
    "${CMAKE_SOURCE_DIR}" "${CMAKE_BINARY_DIR}/generated")

# Asio from Boost 1.81 or later, header only; deprecated interfaces are off so that newer Boost works.
find_package(Boost 1.81 REQUIRED)
add_library(clusbridge_boost INTERFACE)
target_include_directories(clusbridge_boost SYSTEM INTERFACE ${Boost_INCLUDE_DIRS})
target_compile_definitions(clusbridge_boost INTERFACE
    BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_SYSTEM_NO_DEPRECATED)
find_package(Threads REQUIRED)
target_link_libraries(clusbridge_boost INTERFACE Threads::Threads)

# Boost.JSON without its library: compiled here, once.
add_library(clusbridge_json STATIC EXCLUDE_FROM_ALL "${CMAKE_SOURCE_DIR}/cmake/boost_json.cpp")
target_link_libraries(clusbridge_json PUBLIC clusbridge_boost PRIVATE clusbridge_options)

find_package(PkgConfig REQUIRED)

# Sanitized code takes more than twice as long to compile at -O1 as at -O0. Only what is busy in tests is worth it.
set(CLUSBRIDGE_BUSY win32 ndr auth dcerpc xml)

# bridge_library(NAME SOURCES a.cpp ... LINK target ...): library `bridge_NAME`, namespace bridge::NAME.
# LINK lists the folders that this one may include (tests/tidy checks the same arrows) and outside libraries.
function(bridge_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;PRIVATE" ${ARGN})
    add_library(bridge_${name} STATIC ${ARG_SOURCES})
    target_link_libraries(bridge_${name} PUBLIC clusbridge_options ${ARG_LINK} PRIVATE ${ARG_PRIVATE})
    if(CLUSBRIDGE_SANITIZE AND name IN_LIST CLUSBRIDGE_BUSY)
        target_compile_options(bridge_${name} PRIVATE -O1)
    endif()
endfunction()

# bridge_test(NAME SOURCES a.cpp ... LINK target ...): a GoogleTest binary `unit_NAME`, one ctest entry a case.
function(bridge_test name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LABELS" ${ARGN})
    add_executable(unit_${name} ${ARG_SOURCES})
    target_link_libraries(unit_${name} PRIVATE clusbridge_options ${ARG_LINK} GTest::gtest GTest::gtest_main)
    if(NOT ARG_LABELS)
        set(ARG_LABELS unit)
    endif()
    gtest_discover_tests(unit_${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}."
        PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
endfunction()

# bridge_fuzzer(NAME SOURCES a.cpp ... LINK target ...): with CLUSBRIDGE_FUZZ a libFuzzer binary, else a replay
# of the committed corpus (tests/fuzz/corpus/NAME and tests/fuzz/old_crashes/NAME) as an ordinary test.
function(bridge_fuzzer name)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    if(CLUSBRIDGE_FUZZ)
        add_executable(fuzz_${name} ${ARG_SOURCES})
        target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    else()
        add_executable(fuzz_${name} ${ARG_SOURCES} "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp")
        add_test(NAME fuzz.replay.${name} COMMAND fuzz_${name}
            "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}"
            "${CMAKE_SOURCE_DIR}/tests/fuzz/old_crashes/${name}")
        set_tests_properties(fuzz.replay.${name} PROPERTIES LABELS fuzz TIMEOUT 300)
    endif()
    target_link_libraries(fuzz_${name} PRIVATE clusbridge_options ${ARG_LINK})
endfunction()
