# How a library, a service and a fuzz target are declared, and what each gets without asking:
# warnings as errors, one precompiled header, the test that mirrors its folder.

# One precompiled header for the whole tree: the standard headers that nearly every file reads. Named by a path relative to the
# build folder, and described to ccache by a checksum, so that a clone in another folder hits the same cache entries.
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
separate_arguments(pch_flags UNIX_COMMAND "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}")
add_custom_command(OUTPUT ${PROJECT_BINARY_DIR}/pch.h.pch
  COMMAND ${CMAKE_CXX_COMPILER} ${pch_flags} -pthread -std=c++23 -Xclang -fno-pch-timestamp -x c++-header ${CMAKE_CURRENT_LIST_DIR}/pch.h -o pch.h.pch
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR} DEPENDS ${CMAKE_CURRENT_LIST_DIR}/pch.h VERBATIM)
add_custom_target(posthouse_pch DEPENDS ${PROJECT_BINARY_DIR}/pch.h.pch)

find_program(CCACHE ccache)
if(CCACHE)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/pch.h pch_text)
  string(SHA256 pch_sum "${pch_text} ${CMAKE_CXX_COMPILER_VERSION} ${pch_flags}")
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/pch.h.pch.sum CONTENT "${pch_sum}")
  set(CMAKE_CXX_COMPILER_LAUNCHER env CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()

# What every program and test of a preset with a sanitizer carries with it.
if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
  add_library(posthouse_sanitizer_options OBJECT ${CMAKE_CURRENT_LIST_DIR}/sanitizer_options.cpp)
endif()

# What every target of ours is compiled with.
function(posthouse_options target)
  target_compile_options(${target} PRIVATE -pthread -Wall -Wextra -Werror -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
    "$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp -include-pch pch.h.pch>")
  add_dependencies(${target} posthouse_pch)
  get_target_property(type ${target} TYPE)
  if(TARGET posthouse_sanitizer_options AND type STREQUAL EXECUTABLE)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:posthouse_sanitizer_options>)
  endif()
endfunction()

# posthouse_test(NAME GLOB_DIR LABEL LIBRARIES): one executable and one CTest entry of all *_test.cpp in a folder.
function(posthouse_test name folder label)
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name}_test ${sources})
  posthouse_options(${name}_test)
  target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${name}_test PRIVATE ${ARGN} Catch2::Catch2WithMain)
  add_test(NAME ${folder} COMMAND ${name}_test)
  # Ends what hangs, and no more: the longest takes two minutes under the thread sanitizer, and machines differ.
  set_tests_properties(${folder} PROPERTIES LABELS ${label} TIMEOUT 900)
endfunction()

# posthouse_library(smtp SOURCES parser.cpp response.cpp DEPENDS base message [PACKAGES fmt::fmt] [TEST_DEPENDS ...] [TEST_LABEL unit])
function(posthouse_library name)
  cmake_parse_arguments(LIBRARY "" "TEST_LABEL" "SOURCES;DEPENDS;PACKAGES;TEST_DEPENDS" ${ARGN})
  list(TRANSFORM LIBRARY_DEPENDS PREPEND posthouse_)
  list(TRANSFORM LIBRARY_TEST_DEPENDS PREPEND posthouse_)
  if(LIBRARY_SOURCES)
    add_library(posthouse_${name} STATIC ${LIBRARY_SOURCES})
    posthouse_options(posthouse_${name})
    target_include_directories(posthouse_${name} PUBLIC ${PROJECT_SOURCE_DIR}/libs)
    target_link_libraries(posthouse_${name} PUBLIC ${LIBRARY_DEPENDS} ${LIBRARY_PACKAGES})
  else()
    add_library(posthouse_${name} INTERFACE)
    target_include_directories(posthouse_${name} INTERFACE ${PROJECT_SOURCE_DIR}/libs)
    target_link_libraries(posthouse_${name} INTERFACE ${LIBRARY_DEPENDS} ${LIBRARY_PACKAGES})
  endif()
  if(NOT LIBRARY_TEST_LABEL)
    set(LIBRARY_TEST_LABEL unit)
  endif()
  posthouse_test(${name} libs/${name} ${LIBRARY_TEST_LABEL} posthouse_${name} ${LIBRARY_TEST_DEPENDS})
endfunction()

# What scripts/up needs: every service, without the tests.
add_custom_target(programs)

# posthouse_service(smtpd SOURCES session.cpp ... DEPENDS smtp daemon): main.cpp becomes the program, the rest a library that its tests link.
function(posthouse_service name)
  cmake_parse_arguments(SERVICE "" "TEST_LABEL" "SOURCES;DEPENDS;PACKAGES;TEST_DEPENDS" ${ARGN})
  list(TRANSFORM SERVICE_DEPENDS PREPEND posthouse_)
  list(TRANSFORM SERVICE_TEST_DEPENDS PREPEND posthouse_)
  add_library(posthouse_service_${name} STATIC ${SERVICE_SOURCES})
  posthouse_options(posthouse_service_${name})
  target_include_directories(posthouse_service_${name} PUBLIC ${PROJECT_SOURCE_DIR}/services/${name})
  target_link_libraries(posthouse_service_${name} PUBLIC ${SERVICE_DEPENDS} ${SERVICE_PACKAGES})
  add_executable(${name} main.cpp)
  add_dependencies(programs ${name})
  posthouse_options(${name})
  target_link_libraries(${name} PRIVATE posthouse_service_${name})
  if(NOT SERVICE_TEST_LABEL)
    set(SERVICE_TEST_LABEL unit)
  endif()
  posthouse_test(${name} services/${name} ${SERVICE_TEST_LABEL} posthouse_service_${name} ${SERVICE_TEST_DEPENDS})
endfunction()

# posthouse_fuzz(smtp_command DEPENDS smtp): tests/fuzz/smtp_command_fuzz.cpp with its corpus in tests/fuzz/corpus/smtp_command.
# With the fuzz preset it is a libFuzzer program; in every other build it replays the corpus as a unit test, but not under the
# thread sanitizer: a grammar has no threads.
function(posthouse_fuzz name)
  if(CMAKE_CXX_FLAGS MATCHES "-fsanitize=thread")
    return()
  endif()
  cmake_parse_arguments(FUZZ "" "" "DEPENDS" ${ARGN})
  list(TRANSFORM FUZZ_DEPENDS PREPEND posthouse_)
  set(corpus ${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name})
  add_executable(${name}_fuzz ${PROJECT_SOURCE_DIR}/tests/fuzz/${name}_fuzz.cpp)
  target_include_directories(${name}_fuzz PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  posthouse_options(${name}_fuzz)
  target_link_libraries(${name}_fuzz PRIVATE ${FUZZ_DEPENDS})
  if(POSTHOUSE_FUZZ)
    target_link_options(${name}_fuzz PRIVATE -fsanitize=fuzzer)
    add_test(NAME fuzz/${name} COMMAND ${name}_fuzz -max_total_time=20 -timeout=10 -max_len=65536 ${PROJECT_BINARY_DIR}/corpus/${name} ${corpus})
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/corpus/${name})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS fuzz TIMEOUT 120)
  else()
    target_sources(${name}_fuzz PRIVATE ${PROJECT_SOURCE_DIR}/tests/support/replay_corpus.cpp)
    add_test(NAME fuzz/${name} COMMAND ${name}_fuzz ${corpus})
    set_tests_properties(fuzz/${name} PROPERTIES LABELS unit TIMEOUT 120)
  endif()
endfunction()
