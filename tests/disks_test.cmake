# SPDX-License-Identifier: Apache-2.0
# disks_test(NAME ARGUMENTS...): a test in guests with shared SCSI LUNs, ARGUMENTS are those of tests/lab/disks. Guests keep
# time badly where they have no processor to themselves: nothing runs beside one. Programs with AddressSanitizer do not
# start in user-mode-linux: these tests are those of the presets without it.
function(disks_test name)
    if(CLUSBRIDGE_SANITIZE MATCHES "address")
        return()
    endif()
    add_test(NAME ${name} COMMAND "${CMAKE_SOURCE_DIR}/tests/lab/disks" --timeout 600 ${ARGN})
    set_tests_properties(${name} PROPERTIES LABELS disks SKIP_RETURN_CODE 125 TIMEOUT 900 RUN_SERIAL ON)
endfunction()
