// SPDX-License-Identifier: Apache-2.0
// One sealed connection that fills the cluster registry, or times single calls. Prints `name value`
// lines, times in microseconds.
#include "gen/clusapi3.hpp"
#include "tests/bench/registry/figures.hpp"
#include "tests/bench/rpc/rpc_client.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <stdexcept>

namespace {

using namespace bridge;
namespace api = gen::clusapi3;

constexpr std::uint32_t all_access = 0xf003f;
constexpr std::uint32_t reg_binary = 3;
constexpr std::uint32_t set_value = 1; // CLUSTER_REG_BATCH_COMMAND, 2.2.2.8
constexpr std::size_t value_size = 16;
constexpr std::size_t values_per_key = 1000;
constexpr std::size_t batch_size = 100;

struct options {
    bench::target to;
    std::string key = "RegistryBench";
    std::size_t first = 0, last = 0;
    std::size_t count = 1000;
    double duration = 0;
};

/// ClusAPI over a connection; throws on anything but success.
class registry_client {
public:
    explicit registry_client(const options& o) : rpc_(o.to) {
        api::ApiGetRootKey_in root;
        root.samDesired = all_access;
        root_ = call<api::ApiGetRootKey>(root).result;
    }

    template <class Method>
    typename Method::out call(const typename Method::in& in) {
        ndr::writer writer(ndr::syntax::ndr);
        if (encode_in(writer, in) != ndr::errc::none)
            throw std::runtime_error("encoding");
        const std::vector<std::byte> stub = writer.take();
        ndr::reader reader(rpc_.call(Method::opnum, stub), ndr::syntax::ndr);
        typename Method::out out;
        if (decode_out(reader, in, out) != ndr::errc::none)
            throw std::runtime_error("decoding");
        return out;
    }

    api::HKEY_RPC create(const std::string& path) {
        api::HKEY_RPC at = root_;
        std::size_t begin = 0;
        while (begin <= path.size()) {
            const std::size_t end = std::min(path.find('\\', begin), path.size());
            api::ApiCreateKey_in in;
            in.hKey = at;
            in.lpSubKey = std::u16string(path.begin() + static_cast<std::ptrdiff_t>(begin),
                                         path.begin() + static_cast<std::ptrdiff_t>(end));
            in.samDesired = all_access;
            const auto out = call<api::ApiCreateKey>(in);
            expect(out.Status, "ApiCreateKey");
            at = out.result;
            begin = end + 1;
        }
        return at;
    }

    static void expect(std::uint32_t code, const char* method) {
        if (code != 0)
            throw std::runtime_error(std::string(method) + ": code " + std::to_string(code));
    }

    void name() { expect(call<api::ApiGetClusterName>({}).result, "ApiGetClusterName"); }

    void set(const api::HKEY_RPC& key, std::u16string value_name, std::size_t value) {
        api::ApiSetValue_in in;
        in.hKey = key;
        in.lpValueName = std::move(value_name);
        in.dwType = reg_binary;
        in.lpData.resize(value_size, static_cast<std::byte>(value));
        in.cbData = value_size;
        expect(call<api::ApiSetValue>(in).result, "ApiSetValue");
    }

    void query(const api::HKEY_RPC& key, std::u16string value_name) {
        api::ApiQueryValue_in in;
        in.hKey = key;
        in.lpValueName = std::move(value_name);
        in.cbData = value_size;
        expect(call<api::ApiQueryValue>(in).result, "ApiQueryValue");
    }

    void execute(const api::HKEY_RPC& key, std::vector<std::byte> commands) {
        api::ApiExecuteBatch_in in;
        in.hKey = key;
        in.cbData = static_cast<std::uint32_t>(commands.size());
        in.lpData = std::move(commands);
        expect(call<api::ApiExecuteBatch>(in).result, "ApiExecuteBatch");
    }

private:
    bench::rpc_client rpc_;
    api::HKEY_RPC root_;
};

std::u16string name_of(std::size_t number) {
    const std::string digits = std::to_string(number);
    return u"v" + std::u16string(digits.begin(), digits.end());
}

/// CLUSTER_REG_BATCH_UPDATE (2.2.3.17) that sets `count` values from number `first` on.
std::vector<std::byte> batch(std::size_t first, std::size_t count) {
    std::vector<std::byte> out;
    const auto put = [&out](std::size_t value) {
        for (unsigned shift = 0; shift < 32; shift += 8)
            out.push_back(static_cast<std::byte>(value >> shift));
    };
    put(1);
    for (std::size_t i = 0; i < count; ++i) {
        const std::u16string name = name_of(first + i);
        put(set_value);
        put(reg_binary);
        put(2 * (name.size() + 1));
        for (const char16_t unit : name) {
            out.push_back(static_cast<std::byte>(unit));
            out.push_back(static_cast<std::byte>(unit >> 8));
        }
        out.resize(out.size() + 2);
        put(value_size);
        out.resize(out.size() + value_size, static_cast<std::byte>(i));
    }
    return out;
}

/// Values first ... last-1, a thousand in each key.
void fill(registry_client& client, const options& o) {
    bench::figures times;
    api::HKEY_RPC key{};
    for (std::size_t at = o.first; at < o.last;) {
        if (at == o.first || at % values_per_key == 0)
            key = client.create(o.key + "\\k" + std::to_string(at / values_per_key));
        const std::size_t count =
            std::min({batch_size, o.last - at, values_per_key - at % values_per_key});
        times.measure([&] { client.execute(key, batch(at % values_per_key, count)); });
        at += count;
    }
    times.print("fill");
}

void latencies(registry_client& client, const options& o) {
    const api::HKEY_RPC key = client.create(o.key + "\\timed");
    bench::figures call, write, together, read;
    for (std::size_t i = 0; i < o.count / 10; ++i) // warms up
        client.set(key, name_of(i % 100), i);
    for (std::size_t i = 0; i < o.count; ++i) {
        call.measure([&] { client.name(); });
        write.measure([&] { client.set(key, name_of(i % 100), i); });
        read.measure([&] { client.query(key, name_of(i % 100)); });
        if (i % 10 == 0)
            together.measure([&] { client.execute(key, batch(0, batch_size)); });
    }
    call.print("call");
    write.print("write");
    read.print("read");
    together.print("batch");
}

/// Writes one after the other for a time.
void write_on(registry_client& client, const options& o) {
    const api::HKEY_RPC key = client.create(o.key + "\\busy");
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(o.duration);
    bench::figures times;
    for (std::size_t i = 0; std::chrono::steady_clock::now() < end; ++i)
        times.measure([&] { client.set(key, name_of(i % 100), i); });
    times.print("write");
}

} // namespace

int main(int argc, char** argv) {
    options o;
    std::string mode;
    CLI::App app{"Load on the cluster registry, over one sealed connection."};
    app.add_option("--host", o.to.host)->required();
    app.add_option("--port", o.to.port)->required();
    app.add_option("--user", o.to.credentials.user)->required();
    app.add_option("--domain", o.to.credentials.domain)->required();
    app.add_option("--password", o.to.credentials.password)->required();
    app.add_option("--mode", mode, "fill, latency or write")
        ->required()
        ->check(CLI::IsMember({"fill", "latency", "write"}));
    app.add_option("--key", o.key, "below the root; made if it is missing");
    app.add_option("--first", o.first, "of fill");
    app.add_option("--last", o.last, "of fill: one past it");
    app.add_option("--count", o.count, "of latency: calls of each kind");
    app.add_option("--seconds", o.duration, "of write");
    CLI11_PARSE(app, argc, argv);
    try {
        o.to.mechanism = auth::mechanism::ntlm;
        o.to.interface = {
            {0xb97db8b2, 0x4c63, 0x11cf, {0xbf, 0xf6, 0x08, 0x00, 0x2b, 0xe2, 0x3f, 0x2f}}, 3, 0};
        registry_client client(o);
        mode == "fill"      ? fill(client, o)
        : mode == "latency" ? latencies(client, o)
                            : write_on(client, o);
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "registry_load: " << error.what() << '\n';
        return 1;
    }
}
