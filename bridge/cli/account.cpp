// SPDX-License-Identifier: Apache-2.0
#include "bridge/cli/account.hpp"

#include "bridge/auth/accounts.hpp"
#include "bridge/auth/ntlm_crypto.hpp"
#include "bridge/cli/exit_codes.hpp"
#include "bridge/cli/password.hpp"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace bridge::cli {
namespace {

struct account_options {
    std::string file = "/etc/clusbridge/accounts";
    std::string user;
    std::string domain = "*";
    std::vector<std::string> roles;
    bool password_stdin = false;
};

int complain(const std::string& what, exit_code code = exit_error) {
    std::cerr << "clusbridge: " << what << '\n';
    return code;
}

int add(const account_options& options) {
    const auto password = options.password_stdin
                              ? password_from_stdin()
                              : password_from_terminal("Password for " + options.user);
    if (!password || password->empty())
        return complain(
            "no password given (on a terminal the two must be equal; else use --password-stdin)",
            exit_bad_parameter);
    const auto hash = auth::ntlm::nt_hash_utf8(*password);
    if (!hash)
        return complain("the password is not UTF-8", exit_bad_parameter);
    const auth::account_entry entry{options.user, options.domain, *hash, "", options.roles};
    const auto refused = auth::edit_accounts(
        options.file, [&](auth::account_list& list) { return list.put(entry); });
    return refused ? complain(refused->text) : exit_ok;
}

int remove(const account_options& options) {
    bool found = false;
    const auto refused = auth::edit_accounts(
        options.file, [&](auth::account_list& list) -> std::optional<auth::accounts_error> {
            found = list.remove(options.user, options.domain);
            return std::nullopt;
        });
    if (refused)
        return complain(refused->text);
    return found ? exit_ok : complain("no such account: " + options.user, exit_no_such_object);
}

int list(const account_options& options) {
    const auto accounts = auth::read_accounts(options.file);
    if (const auto* error = std::get_if<auth::accounts_error>(&accounts))
        return complain(error->text);
    for (const auto& entry : std::get<auth::account_list>(accounts).entries()) {
        std::string groups;
        for (const std::string& group : entry.groups)
            groups += (groups.empty() ? "" : ",") + group;
        std::cout << entry.user << '\t' << entry.domain << '\t' << (groups.empty() ? "-" : groups)
                  << '\n';
    }
    return exit_ok;
}

} // namespace

void add_account_commands(CLI::App& app, int& status) {
    auto options = std::make_shared<account_options>();
    CLI::App* account =
        app.add_subcommand("account", "Local accounts: NT hashes in a file that only root reads");
    account->require_subcommand(1);
    const auto common = [&](CLI::App* command) {
        command->add_option("--accounts-file", options->file, "The accounts file")
            ->capture_default_str();
    };
    const auto named = [&](CLI::App* command) {
        command->add_option("user", options->user, "Account name")->required();
        command->add_option("--domain", options->domain, "Domain the client must send; * for any")
            ->capture_default_str();
    };

    CLI::App* add_command =
        account->add_subcommand("add", "Add an account, or give it a new password");
    common(add_command);
    named(add_command);
    add_command
        ->add_option("--role", options->roles,
                     "admin, read, backup or a SID; may be given several times")
        ->required();
    add_command->add_flag("--password-stdin", options->password_stdin,
                          "Read the password from standard input");
    add_command->callback([options, &status] { status = add(*options); });

    CLI::App* remove_command = account->add_subcommand("remove", "Remove an account");
    common(remove_command);
    named(remove_command);
    remove_command->callback([options, &status] { status = remove(*options); });

    CLI::App* list_command =
        account->add_subcommand("list", "Names, domains and roles; never hashes");
    common(list_command);
    list_command->callback([options, &status] { status = list(*options); });
}

} // namespace bridge::cli
