using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Model.Targets.Errors;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>The program that failed is already running: known by a pasted error, or by the process whose call failed.</summary>
public sealed class TwinTests
{
    private const string One = "The program that failed is already running, and holds the port.";
    private const string Another = " is already running, and holds the port: the same server started twice, or one that has to run beside yours, on a port of its own.";

    [Theory]
    [InlineData("Error: Port 8080 is already in use\n    at Server.onError (file:///w/a/node_modules/vite/dist/node/chunks/dep.js:45596:18)\n    at Server.emit (node:events:518:28)", "/usr/bin/node", "node /w/a/node_modules/.bin/vite", "vite")]
    [InlineData("Error: listen EADDRINUSE: address already in use :::8080\n    at Server.setupListenHandle [as _listen2] (node:net:1817:16)\n    at file:///usr/lib/node_modules/json-server/lib/bin.js:140:5", "/usr/bin/node", "node /usr/bin/json-server db.json", "json-server")]
    [InlineData("Error: listen EADDRINUSE: address already in use 0.0.0.0:8080\n    at HttpServer.listen (/w/node_modules/http-server/lib/http-server.js:157:21)", "/usr/bin/node", "node /w/node_modules/.bin/http-server -p 8080", "http-server")]
    [InlineData("/var/lib/gems/3.1.0/gems/puma-6.4.0/lib/puma/binder.rb:340:in `initialize': Address already in use - bind(2) for \"127.0.0.1\" port 8080 (Errno::EADDRINUSE)", "/usr/bin/ruby3.1", "puma 6.4.0 (tcp://127.0.0.1:8080) [app]|", "puma")]
    [InlineData("INFO:     Started server process [7]\nERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8080): address already in use", "/usr/bin/python3.12", "python3 -m uvicorn asgi:app --port 8080", "uvicorn")]
    [InlineData("ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8080): address already in use", "/usr/bin/python3.12", "/venv/bin/python3 /venv/bin/uvicorn asgi:app", "uvicorn")]
    [InlineData("  \\{^_^}/ hi!\n\nSome error occurred Error: listen EADDRINUSE: address already in use 127.0.0.1:8080\n    at Server.setupListenHandle [as _listen2] (node:net:1908:16)", "/usr/bin/node", "node /w/node_modules/.bin/json-server db.json", "json-server")]
    [InlineData(" * Serving Flask app 'app'\n * Debug mode: off\nAddress already in use\nPort 8080 is in use by another program.", "/usr/bin/python3.12", "/venv/bin/python3 /venv/bin/flask run", "flask")]
    [InlineData("Port 8080 is in use by another program. Either identify and stop that program, or start the server with a different port.", "/usr/bin/python3.12", "python3 -m flask run", "flask")]
    public void PastedErrorOfAPackage_IsOfTheServerThatComesFromIt(string text, string executable, string command, string name)
    {
        var pasted = ErrorTextReader.Read(text).Value!;
        var host = With("tcp :: LISTEN").HeldBy(Process(5, "server", executable, command, "/w/b"));

        var answer = Diagnoser.Diagnose(pasted, ProgramOptions.None, host);

        Assert.Equal(("same-program-twice", $"Another {name} (in /w/b){Another}"), (answer.Cause.Id(), answer.Why[0]));
        var other = With("tcp :: LISTEN").HeldBy(Process(5, "server", executable, "node server.js", "/w/b"));
        Assert.NotEqual("same-program-twice", Diagnoser.Diagnose(pasted, ProgramOptions.None, other).Cause.Id());
    }

    [Theory]
    [InlineData("/usr/bin/node", "node plain.js", "/app", "node plain.js", "/app", One)]
    [InlineData("/usr/bin/node", "node plain.js", "/app", "node ./plain.js --verbose", "/app", One)]
    [InlineData("/usr/bin/node", "node /opt/plain.js", "/a", "node /opt/plain.js", "/b", "Another plain.js (in /b)" + Another)]
    [InlineData("/usr/bin/node", "node plain.js", "/a", "node plain.js", "/b", null)]
    [InlineData("/usr/bin/node", "node one.js", "/app", "node two.js", "/app", null)]
    [InlineData("/usr/bin/python3", "python3 -m http.server 8080", "/app", "python3 -m http.server 8080", "/app", One)]
    [InlineData("/usr/bin/python3", "python3 -c a", "/app", "python3 -c a", "/app", One)]
    [InlineData("/usr/bin/python3", "python3 -c a", "/app", "python3 -c b", "/app", null)]
    [InlineData("/srv/server", "server --port 8080", "/app", "server --port 8080", "/app", One)]
    [InlineData("/srv/server", "server --port 8080", "/app", "server --other", "/app", null)]
    [InlineData("/usr/sbin/nginx", "nginx -c a", "/", "nginx -c b", "/", "Another nginx" + Another)]
    public void ProcessWhoseCallFailed_IsComparedByWhatItRuns(string executable, string failed, string itsFolder, string holder, string folder, string? expected)
    {
        var host = With("tcp 0.0.0.0 LISTEN").HeldBy(Process(5, "server", executable, holder, folder));
        host = host with { Caller = host.Caller with { ProcessId = 9, Process = Process(9, "server", executable, failed, itsFolder) } };

        var answer = Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, host);

        Assert.Equal(expected is null ? "listener" : "same-program-twice", answer.Cause.Id());
        if (expected is not null)
            Assert.Equal(expected, answer.Why[0]);
        // A process that the holder itself started may use its socket.
        var child = host with { Caller = host.Caller with { AncestorIds = [5, 1] } };
        Assert.Equal("listener", Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, child).Cause.Id());
    }

    [Fact]
    public void PastedPortAlone_IsNotSaidToBeEveryAddress()
    {
        var pasted = ErrorTextReader.Read("Address already in use\nPort 8080 is in use by another program. Either identify and stop that program, or start the server with a different port.").Value!;

        var answer = Diagnoser.Diagnose(pasted, ProgramOptions.None, With("tcp 127.0.0.1 LISTEN").HeldBy(Hosts.Process(5, "node")));
        Assert.Equal("The text names no address: a server that binds 127.0.0.1 or every address cannot start; one that binds another address of this host can.", answer.Why[0]);
        Assert.Equal("The question" + answer.Why[0]["The text".Length..],
            Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With("tcp 127.0.0.1 LISTEN").HeldBy(Hosts.Process(5, "node"))).Why[0]);
        answer = Diagnoser.Diagnose(pasted, ProgramOptions.None, With("tcp ::1 LISTEN v6only").HeldBy(Hosts.Process(5, "node")));
        Assert.Equal("The text names no address: a server that binds [::1] or [::] cannot start; one that binds 0.0.0.0 can.", answer.Why[0]);
    }

    [Theory]
    [InlineData("binds 127.0.0.1, [::1] or every address cannot start; one that binds another address of this host can.", "tcp 127.0.0.1 LISTEN", "tcp ::1 LISTEN")]
    [InlineData("binds 127.0.0.1, any IPv6 address or every address cannot start; one that binds another IPv4 address of this host can.", "tcp 127.0.0.1 LISTEN", "tcp :: LISTEN v6only")]
    [InlineData("binds 127.0.0.1, 127.0.0.2 or every address cannot start; one that binds another address of this host can.", "tcp 127.0.0.1 LISTEN", "tcp 127.0.0.2 LISTEN")]
    [InlineData("binds 127.0.0.1, 127.0.0.2, 127.0.0.3, 2 other addresses or every address cannot start; one that binds another address of this host can.", "tcp 127.0.0.1 LISTEN", "tcp 127.0.0.2 LISTEN", "tcp 127.0.0.3 LISTEN", "tcp 127.0.0.4 LISTEN", "tcp 127.0.0.5 LISTEN")]
    public void SeveralTakenAddresses_AreAllNamed(string expected, params string[] held) =>
        Assert.Equal("The question names no address: a server that " + expected, Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, With(held)).Why[0]);

    [Fact]
    public void EveryAddressAskedFor_WithSeveralTaken_NamesThem() =>
        Assert.Equal("0.0.0.0 means every address, and 127.0.0.1 and 127.0.0.2 are taken; your server can still bind another address of this host.",
            Diagnoser.Diagnose(PortTarget("0.0.0.0"), ProgramOptions.None, With("tcp 127.0.0.1 LISTEN", "tcp 127.0.0.2 LISTEN")).Why[0]);

    [Fact]
    public void SecondListener_OnIPv6Alone_IsSaidToBe()
    {
        var host = With("tcp 127.0.0.1 LISTEN", "tcp :: LISTEN v6only");
        host = host with
        {
            Sockets = [host.Sockets[0] with { Inode = 50 }, host.Sockets[1] with { Inode = 60 }],
            Processes = [Hosts.Process(5, "node"), Hosts.Process(6, "ruby")],
            Holders = [new Holder(50, 5, 3), new Holder(60, 6, 3)],
        };

        Assert.EndsWith("and ruby (pid 6) on [::]:8080, IPv6 only.", Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("::1", "127.0.0.1")]
    [InlineData("::", "0.0.0.0")]
    public void FreeIPv4_BesideALoopbackServer_DoesNotOpenYoursToTheNetwork(string held, string expected)
    {
        var host = With($"tcp {held} LISTEN v6only").HeldBy(Hosts.Process(5, "node"));

        var remedy = Assert.Single(Diagnoser.Diagnose(PortTarget(), ProgramOptions.None, host).Remedies, static one => one.Id == "use-ipv4");
        Assert.Equal($"Have your server bind {expected}; port 8080 is free on IPv4.", remedy.Text);
    }

    [Fact]
    public void FreeIPv4_OfLocalhost_IsItsOwnAddress()
    {
        var host = With("tcp :: LISTEN v6only").HeldBy(Hosts.Process(5, "node")) with { Names = [new NameLookup(NameKind.Host, "localhost", [IpAddress.LoopbackIPv6, IpAddress.LoopbackIPv4])] };

        var remedy = Assert.Single(Diagnoser.Diagnose(PortTarget("localhost"), ProgramOptions.None, host).Remedies, static one => one.Id == "use-ipv4");
        Assert.Equal("Have your server bind 127.0.0.1; port 8080 is free on IPv4.", remedy.Text);
    }

    // Its title is one argument, marked by | at its end.
    private static ProcessRecord Process(int id, string name, string executable, string command, string folder) => Hosts.Process(id, name) with
    {
        Executable = executable,
        Arguments = command.EndsWith('|') ? [command.TrimEnd('|')] : [.. command.Split(' ')],
        WorkingDirectory = folder,
    };
}
