using System.Diagnostics;
using System.Net;

namespace Bindwise.Dashboard.Tests;

/// <summary>Who may ask: the token, TLS, and what is refused before anything is served.</summary>
[Trait("Lane", "second")]
public sealed class AccessTests
{
    private const string Token = "a-token-of-the-tests";

    [IsolatedFact]
    public Task Token_IsAskedForEverywhereButOnThePage() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--token-file", await TokenFileAsync());
        foreach (var path in new[] { "/api/v1/ports", "/api/v1/events", "/api/v1/why?target=1", "/api/v1/scenarios", "/api/v1/model/about" })
        {
            var answer = await served.GetAsync(path);
            answer.IsProblem(401, "no-token");
            Assert.Equal("Bearer", answer.Headers["WWW-Authenticate"]);
            (await served.GetAsync(path, ("Authorization", "Basic " + Token))).IsProblem(401, "no-token");
            (await served.GetAsync(path, ("Authorization", "Bearer " + Token + "x"))).IsProblem(401, "no-token");
        }
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Authorization", "Bearer " + Token))).Status);
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/")).Status);
        var closed = (await served.GetAsync("/api/v1/session")).Json;
        Assert.Equal(("needed", null, null), ((string)closed["token"]!, (string?)closed["host"], (string?)closed["version"]));
    });

    [IsolatedFact]
    public Task Paths_AreAnsweredOnlyToWhoHasTheToken() => Body.RunAsync(static async () =>
    {
        // The server may look into this folder, and most who ask may not.
        var folder = Directory.CreateTempSubdirectory("bindwise-closed-").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "there"), "");
        await using (var open = await ServedProgram.StartAsync("--allow-actions"))
        {
            foreach (var name in new[] { "there", "not-there" })
            {
                var path = Path.Combine(folder, name);
                foreach (var target in new[] { path, "unix:" + path, "unix:" + path.TrimStart('/'), $"bind unix {path}: address already in use" })
                    (await open.GetAsync("/api/v1/why?target=" + Uri.EscapeDataString(target))).IsProblem(403, "no-paths");
                (await open.SendAsync(HttpMethod.Post, "/api/v1/free", $$"""{"target": "unix:{{path}}", "dryRun": true}""")).IsProblem(403, "no-paths");
            }
            Assert.Equal(HttpStatusCode.OK, (await open.GetAsync("/api/v1/why?target=unix:@name")).Status);
        }
        await using var closed = await ServedProgram.StartAsync("--token-file", await TokenFileAsync());
        var answer = await closed.GetAsync($"/api/v1/why?target=unix:{folder}/there", ("Authorization", "Bearer " + Token));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    });

    [IsolatedFact("python3", "setpriv")]
    public Task Free_WithoutAToken_IsForRootAndWhoStartedItAlone() => Body.RunAsync(static async () =>
    {
        const string Ask = """
            import json, sys, urllib.request
            for path, body in ("session", None), ("free", b'{"target": "1", "dryRun": true}'):
                try:
                    print(urllib.request.urlopen(urllib.request.Request(sys.argv[1] + "api/v1/" + path, body, {"Content-Type": "application/json"})).read().decode().strip())
                except urllib.error.HTTPError as error:
                    print(error.code, json.load(error)["type"].split("#")[1])
            """;
        await using var served = await ServedProgram.StartAsync("--allow-actions");
        foreach (var (user, actions, free) in new[] { ("65534", "\"actions\":false", "403 no-actions"), ("0", "\"actions\":true", "already-free") })
        {
            var start = new ProcessStartInfo("setpriv", ["--reuid", user, "--regid", user, "--clear-groups", "python3", "-S", "-c", Ask, served.Address.ToString()])
            {
                RedirectStandardOutput = true,
            };
            using var client = Process.Start(start)!;
            Assert.Contains(actions, await client.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
            Assert.Contains(free, await client.StandardOutput.ReadLineAsync(), StringComparison.Ordinal);
            await client.WaitForExitAsync();
        }
    });

    [IsolatedFact]
    public Task Cookie_IsGivenForTheTokenAndOutOfReachOfScripts() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--token-file", await TokenFileAsync(), "--behind-tls-proxy");
        (await Enter("wrong")).IsProblem(401, "no-token");
        var given = await Enter(Token);
        Assert.Equal(HttpStatusCode.NoContent, given.Status);
        var cookie = given.Headers["Set-Cookie"];
        foreach (var word in new[] { "httponly", "samesite=strict", "secure", "path=/" })
            Assert.Contains(word, cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(Token, cookie, StringComparison.Ordinal);
        var pair = cookie.Split(';')[0];
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Cookie", pair))).Status);
        Assert.Equal("given", (string)(await served.GetAsync("/api/v1/session", ("Cookie", pair))).Json["token"]!);
        (await served.GetAsync("/api/v1/ports", ("Cookie", pair + "AA"))).IsProblem(401, "no-token");
        // What a proxy with a password of its own passes on is not a token.
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Authorization", "Basic YW5uOnNlY3JldA=="), ("Cookie", pair))).Status);
        // Of another site's page it is worth nothing.
        (await served.GetAsync("/api/v1/ports", ("Cookie", pair), ("Origin", "http://evil.example"))).IsProblem(403, "foreign-origin");
        Assert.Contains("expires=Thu, 01 Jan 1970", (await served.SendAsync(HttpMethod.Delete, "/api/v1/session")).Headers["Set-Cookie"], StringComparison.Ordinal);

        Task<Answer> Enter(string token) => served.SendAsync(HttpMethod.Post, "/api/v1/session", $$"""{"token": "{{token}}"}""");
    });

    [IsolatedFact]
    public Task Guesses_AreFew_AndKeepNobodyOutWhoHasTheToken() => Body.RunAsync(static async () =>
    {
        await using var served = await ServedProgram.StartAsync("--token-file", await TokenFileAsync());
        Answer answer;
        var guesses = 0;
        do
            answer = await served.GetAsync("/api/v1/ports", ("Authorization", $"Bearer {guesses}"));
        while (answer.Status == HttpStatusCode.Unauthorized && ++guesses < 1000);
        answer.IsProblem(429, "too-many");
        Assert.True(answer.Headers.ContainsKey("Retry-After"));
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync("/api/v1/ports", ("Authorization", "Bearer " + Token))).Status);
    });

    [IsolatedFact("openssl")]
    public Task Tls_ServesAnotherAddressWithAToken() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-tls-").FullName;
        var (certificate, key) = (Path.Combine(folder, "cert.pem"), Path.Combine(folder, "key.pem"));
        using (var openssl = Process.Start(new ProcessStartInfo("openssl",
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"])
        { RedirectStandardError = true })!)
            await openssl.WaitForExitAsync();
        await using var served = await ServedProgram.StartAsync(
            "--address", "0.0.0.0", "--token-file", await TokenFileAsync(), "--tls-certificate", certificate, "--tls-key", key);
        Assert.StartsWith("https://0.0.0.0:", served.Address.ToString(), StringComparison.Ordinal);
        var here = $"https://127.0.0.1:{served.Address.Port}/api/v1/ports";
        (await served.GetAsync(here)).IsProblem(401, "no-token");
        Assert.Equal(HttpStatusCode.OK, (await served.GetAsync(here, ("Authorization", "Bearer " + Token))).Status);

        var other = await ServedProgram.RunAsync("serve", "--port", "0", "--tls-certificate", certificate, "--tls-key", certificate);
        Assert.Equal((2, ""), (other.Code, other.Output));
        Assert.StartsWith($"bindwise: {certificate} holds no key in PEM", other.Errors, StringComparison.Ordinal);
        other = await ServedProgram.RunAsync("serve", "--port", "0", "--tls-certificate", certificate);
        Assert.StartsWith($"bindwise: {certificate} holds no key: give the key's file with --tls-key", other.Errors, StringComparison.Ordinal);
        // To add a key would not help.
        other = await ServedProgram.RunAsync("serve", "--port", "0", "--tls-certificate", key);
        Assert.StartsWith($"bindwise: {key} holds no certificate in PEM", other.Errors, StringComparison.Ordinal);
    });

    [IsolatedFact]
    public Task WhatIsNotSafe_IsRefused() => Body.RunAsync(static async () =>
    {
        var token = await TokenFileAsync();
        var open = Path.Combine(Path.GetDirectoryName(token)!, "open");
        await File.WriteAllTextAsync(open, Token);
        File.SetUnixFileMode(open, UnixFileMode.UserRead | UnixFileMode.OtherRead);
        var empty = Path.Combine(Path.GetDirectoryName(token)!, "empty");
        await File.WriteAllTextAsync(empty, "\n");
        File.SetUnixFileMode(empty, UnixFileMode.UserRead);
        var guessed = Path.Combine(Path.GetDirectoryName(token)!, "guessed");
        await File.WriteAllTextAsync(guessed, "fifteen-letters\n");
        File.SetUnixFileMode(guessed, UnixFileMode.UserRead);
        var (foreign, pipe) = (await TokenFileAsync(), Path.Combine(Path.GetDirectoryName(token)!, "pipe"));
        foreach (var command in new[] { $"chown 65534 {foreign}", $"mkfifo -m 600 {pipe}" })
        {
            using var process = Process.Start(command.Split(' ')[0], command.Split(' ')[1..]);
            await process.WaitForExitAsync();
        }
        foreach (var (line, reason) in new[]
        {
            ($"--token-file {foreign}", $"the token file {foreign} belongs to another user (uid 65534), who can read and change it"),
            ($"--token-file {pipe}", $"the token file {pipe} cannot be read: it is not a regular file"),
            ("--token-file /dev/zero", "the token file /dev/zero cannot be read: it is not a regular file"),
            ("--tls-certificate /dev/zero", "the certificate /dev/zero cannot be used: /dev/zero: it is not a regular file"),
            ("--address 0.0.0.0", "--address 0.0.0.0 can be reached from other hosts: give --token-file too"),
            ("--address :: --behind-tls-proxy", "--address :: can be reached from other hosts: give --token-file too"),
            ($"--address 0.0.0.0 --token-file {token}", "--address 0.0.0.0 can be reached from other hosts: give --tls-certificate"),
            ($"--token-file {open}", $"the token file {open} can be read or written by others: chmod 600 {open}"),
            ($"--token-file {empty}", $"the token file {empty} has no token"),
            ($"--token-file {guessed}", $"the token in {guessed} is too short: 16 characters or more cannot be guessed; make one with openssl rand -hex 32"),
            ("--token-file /nowhere", "the token file /nowhere cannot be read"),
            ("--tls-key /nowhere", "--tls-key needs --tls-certificate"),
        })
        {
            var run = await ServedProgram.RunAsync(["serve", "--port", "0", .. line.Split(' ')]);
            Assert.Equal((2, ""), (run.Code, run.Output));
            Assert.StartsWith("bindwise: " + reason, run.Errors, StringComparison.Ordinal);
            Assert.Single(run.Errors.TrimEnd('\n').Split('\n'));
        }
    });

    private static async Task<string> TokenFileAsync()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("bindwise-token-").FullName, "token");
        await File.WriteAllTextAsync(file, Token + "\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return file;
    }
}
