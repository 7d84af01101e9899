// An import as lmtp-delivery ends it: early, late, or not at all well.
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <fstream>
#include <memory>

#include "command_line.h"
#include "context.h"
#include "maildir/import_stream.h"
#include "support/child_process.h"

using namespace posthouse;
using namespace posthouse::mailctl;
using namespace posthouse::mailctl::maildir;

namespace {

/// lmtp-delivery, which answers so many messages and ends the call well after so many.
struct Server final : admin::MailImport::Service {
  int answered = 0;
  int read = 0;

  grpc::Status Import(grpc::ServerContext*,
                      grpc::ServerReaderWriter<admin::ImportMailResponse, admin::ImportMailRequest>* stream) override {
    admin::ImportMailResponse begun;
    begun.mutable_begun();
    stream->Write(begun);
    int messages = 0;
    for (admin::ImportMailRequest request; messages < read && stream->Read(&request);) {
      if (!request.has_message() || ++messages > answered) continue;
      admin::ImportMailResponse response;
      response.mutable_message()->set_number(request.message().number());
      response.mutable_message()->set_result(admin::ImportedMessage::RESULT_IMPORTED);
      stream->Write(response);
    }
    return grpc::Status::OK;
  }
};

struct Site {
  Site() {
    const std::string address = "unix:" + (folder.path() / "socket").string();
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    builder.RegisterService(&service);
    server = builder.BuildAndStart();
    const std::string file = (folder.path() / "posthouse.toml").string();
    std::ofstream(file) << "[lmtp-delivery]\ngrpc_address = \"" << address << "\"\n";
    invocation.config = file;
  }
  ~Site() { server->Shutdown(); }

  /// Three messages, of which the last may not be sent any more.
  void import() {
    Context context(invocation);
    std::atomic<int> heard = 0;
    ImportStream stream(context, {}, [&](const auto&, const auto&) { ++heard; });
    try {
      for (int i = 0; i < 3; ++i) stream.send(admin::ImportMessage(), {});
    } catch (const ImportStream::Ended&) {
    }
    stream.finish();
    CHECK(heard == 3);
  }

  test::TemporaryFolder folder;
  Server service;
  std::unique_ptr<grpc::Server> server;
  Invocation invocation;
};

}  // namespace

TEST_CASE("an import ends well when all of it was answered", "[mailctl]") {
  Site site;
  site.service.answered = 3;
  site.service.read = 4;  // up to the end that the client says
  site.import();
}

TEST_CASE("an import that was not answered in full did not end well, whatever lmtp-delivery says", "[mailctl]") {
  Site site;
  const auto [answered, read] = GENERATE(table<int, int>({{2, 3}, {0, 3}, {1, 1}, {0, 0}}));
  CAPTURE(answered, read);
  site.service.answered = answered;
  site.service.read = read;
  CHECK_THROWS_WITH(site.import(), Catch::Contains("ended the import before its end"));
}
