// LANG, RFC 6856 §3.
#include <catch2/catch.hpp>

#include "play.h"

using namespace posthouse;
using namespace posthouse::pop3d;

SCENARIO("the session of RFC 6856 section 3.3", "[pop3d]") {
  Stage stage;
  stage.config.language = pop3::languageFor("es");
  stage.store = MemoryStore({"Subject: one\r\n\r\nHello\r\n", "Subject: two\r\n\r\nWorld\r\n"});
  const std::string script = kGreeting +
                             "C: USER alice@example.org\n"
                             "S: +OK Send the password\n"
                             "C: PASS secret\n"
                             "S: +OK Maildrop has 2 messages (46 octets)\n"
                             "C: LANG MUL\n"
                             "S: -ERR That language is not spoken here, LANG lists those that are\n"
                             "C: LANG\n"
                             "S: +OK Languages follow\n"
                             "S: en English\n"
                             "S: de Deutsch\n"
                             "S: fr Français\n"
                             "S: es Español\n"
                             "S: it Italiano\n"
                             "S: pt Português\n"
                             "S: nl Nederlands\n"
                             "S: pl Polski\n"
                             "S: ru Русский\n"
                             "S: tr Türkçe\n"
                             "S: uk Українська\n"
                             "S: zh-Hans 简体中文\n"
                             "S: ja 日本語\n"
                             "S: .\n"
                             "C: LANG es\n"
                             "S: +OK es Idioma cambiado\n"
                             "C: LANG uga\n"
                             "S: -ERR Ese idioma no está disponible aquí, LANG muestra los que sí lo están\n"
                             "C: LANG it\n"
                             "S: +OK it Lingua cambiata\n"
                             "C: LANG *\n"
                             "S: +OK es Idioma cambiado\n"
                             "C: LANG de-AT\n"
                             "S: +OK de Sprache geändert\n"
                             "C: STAT\n"
                             "S: +OK 2 46\n"
                             "C: LIST\n"
                             "S: +OK 2 Nachrichten (46 Oktette)\n"
                             "S: 1 23\n"
                             "S: 2 23\n"
                             "S: .\n"
                             "C: RETR 9\n"
                             "S: -ERR Diese Nachricht gibt es nicht, im Postfach sind nur 2\n"
                             "C: DELE 1\n"
                             "S: +OK Nachricht 1 wird bei QUIT gelöscht\n"
                             "C: QUIT\n"
                             "S: +OK Auf Wiedersehen, 1 Nachricht gelöscht\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("refusals before the login are in the client's language, their codes are not", "[pop3d]") {
  Stage stage;
  const std::string script = kGreeting +
                             "C: LANG fr\n"
                             "S: +OK fr Langue modifiée\n"
                             "C: USER alice@example.org\n"
                             "S: +OK Envoyez le mot de passe\n"
                             "C: PASS wrong\n"
                             "S: -ERR [AUTH] Nom ou mot de passe incorrect (session ID)\n"
                             "C: STAT\n"
                             "S: -ERR Identifiez-vous d'abord\n"
                             "C: LANG x-klingon\n"
                             "S: -ERR Cette langue n'est pas disponible ici, LANG donne celles qui le sont\n"
                             "C: LANG d'Oc\n"
                             "S: -ERR texte inattendu après la commande\n"
                             "C: QUIT\n"
                             "S: +OK Au revoir\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("before any LANG everything is ASCII, with UTF8, too", "[pop3d]") {
  Stage stage;
  stage.config.language = pop3::languageFor("de");
  const std::string script = kGreeting +
                             "C: UTF8\n"
                             "S: +OK UTF-8 mode is on\n"
                             "C: PASS x\n"
                             "S: -ERR USER comes first\n"
                             "C: LANG *\n"
                             "S: +OK de Sprache geändert\n"
                             "C: PASS x\n"
                             "S: -ERR Zuerst kommt USER\n";
  CHECK(stage.play(script) == script);
}

SCENARIO("a farewell is in the client's language", "[pop3d]") {
  Stage stage;
  stage.config.maxErrors = 2;
  const std::string script = kGreeting +
                             "C: LANG nl\n"
                             "S: +OK nl Taal gewijzigd\n"
                             "C: X\n"
                             "S: -ERR onbekende opdracht\n"
                             "C: X\n"
                             "S: -ERR Te veel fouten\n";
  CHECK(stage.play(script) == script);
}
