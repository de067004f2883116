# Checks one public header (run by ctest with cmake -P; see tests/CMakeLists.txt).
#   MODE compiles_alone          as the only include, twice in a row, without a warning
#   MODE includes_no_dependency  directly or indirectly it reads no header of Highway, oneTBB, CUDA, LAPACK or {fmt}
cmake_minimum_required(VERSION 3.22)
set(command ${COMPILER} -std=c++20 -Wall -Wextra -Werror -I${INCLUDE} -x c++)

if(MODE STREQUAL "compiles_alone")
  execute_process(COMMAND ${command} -fsyntax-only -include ${HEADER} -include ${HEADER} /dev/null
    ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "#include <${HEADER}> alone does not compile cleanly:\n${errors}")
  endif()
elseif(MODE STREQUAL "includes_no_dependency")
  execute_process(COMMAND ${command} -E -include ${HEADER} /dev/null
    OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE result)
  if(result)
    message(FATAL_ERROR "#include <${HEADER}> does not preprocess:\n${errors}")
  endif()
  # Line markers name the files read: # 1 "/usr/include/tbb/task.h" 1 3
  string(REGEX MATCHALL "# [0-9]+ \"[^\"\n]*/(hwy|tbb|oneapi|fmt|cuda[a-z_]*|lapack[a-z_]*|cblas[a-z_]*)(/[^\"\n]*|\\.h)\"" unwanted "${text}")
  if(unwanted)
    list(TRANSFORM unwanted REPLACE "# [0-9]+ " "")
    list(REMOVE_DUPLICATES unwanted)
    list(JOIN unwanted "\n  " unwanted)
    message(FATAL_ERROR "#include <${HEADER}> reads headers users need not have:\n  ${unwanted}")
  endif()
else()
  message(FATAL_ERROR "header_test: unknown MODE '${MODE}'")
endif()
