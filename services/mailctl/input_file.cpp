#include "input_file.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>
#include <iterator>

#include "exit_code.h"

namespace posthouse::mailctl {

std::string readInput(const std::string& file) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file, std::ios::binary);
    if (!opened) throw Failure(ExitCode::failed, fmt::format("cannot read {}", file));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace posthouse::mailctl
