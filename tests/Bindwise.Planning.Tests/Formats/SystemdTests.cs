using Bindwise.Model.Planning;
using Bindwise.Planning.Formats.Systemd;

namespace Bindwise.Planning.Tests.Formats;

public sealed class SystemdTests
{
    [Theory]
    [InlineData("ListenStream=8080", "2: a.socket 8080/tcp ::")]
    [InlineData("ListenStream=0.0.0.0:8080", "2: a.socket 8080/tcp 0.0.0.0")]
    [InlineData("ListenStream=[::1]:8080", "2: a.socket 8080/tcp ::1")]
    [InlineData("ListenStream=[fe80::1]:8080%eth0", "2: a.socket 8080/tcp fe80::1")]
    [InlineData("ListenDatagram=53", "2: a.socket 53/udp ::")]
    [InlineData("ListenStream=/run/a.sock", "2: a.socket /run/a.sock")]
    [InlineData("ListenStream=@a", "2: a.socket @a")]
    [InlineData("ListenStream=\\\n  8080", "2: a.socket 8080/tcp ::")]
    [InlineData("ListenStream=8080\nBindIPv6Only=both", "2: a.socket 8080/tcp ::(dual)")]
    [InlineData("ListenStream=8080\nBindIPv6Only=ipv6-only", "2: a.socket 8080/tcp ::(v6only)")]
    [InlineData("ListenStream=1\nListenStream=\nListenStream=2", "4: a.socket 2/tcp ::")]
    [InlineData("; c\n# c\nListenStream=2", "4: a.socket 2/tcp ::")]
    public void SocketUnit_Address_IsWhatSystemdBinds(string text, string expected) => Assert.Equal([expected], Lines.Of(new TestFolder(("a.socket", $"[Socket]\n{text}\n")).Found()));

    [Theory]
    [InlineData("ListenStream=http", "2 not-understood: ListenStream=http of a.socket is not an address: write 8080, 127.0.0.1:8080, [::1]:8080, /path or @name")]
    [InlineData("ListenFoo=1", "2 unknown-key: ListenFoo is not a key of a socket unit; systemd ignores it")]
    [InlineData("8080", "2 not-understood: this line is neither a section nor an assignment; systemd ignores it")]
    public void SocketUnit_WrongLine_IsTold(string text, string expected) => Assert.Equal([expected], Lines.Remarks(new TestFolder(("a.socket", $"[Socket]\n{text}\n")).Found()));

    [Theory]
    [InlineData("ListenStream=80\nListenStream=/run/a.sock\nSocketProtocol=sctp")]
    [InlineData("ListenDatagram=80\nListenStream=/run/a.sock\nSocketProtocol=udplite")]
    [InlineData("ListenSequentialPacket=80\nListenSequentialPacket=/run/a.sock")]
    public void SocketUnit_PortOfAnotherProtocol_IsNeitherOfTcpNorOfUdp(string text) =>
        Assert.Equal(["3: a.socket /run/a.sock"], Lines.Of(new TestFolder(("a.socket", $"[Socket]\n{text}\n")).Found()));

    // Tried with systemd-socket-activate: the second one unlinks the file of the first, and both listen.
    [Theory]
    [InlineData("/run/x.sock", "replaces", 0)]
    [InlineData("@x", null, 1)]
    public void SocketUnits_OfOnePath_ReplaceOneAnother(string path, string? remark, int conflicts)
    {
        var plan = new TestFolder(("a.socket", $"[Socket]\nListenStream={path}\n"), ("b.socket", $"[Socket]\nListenStream={path}\n")).Plan();
        Assert.Equal((remark, conflicts), (plan.Remarks.FirstOrDefault()?.Id, plan.Conflicts.Length));
    }

    [Fact]
    public void SocketUnit_Options_AreThoseOfTheSocket()
    {
        var port = Assert.Single(new TestFolder(("a.socket", "[Socket]\nListenStream=127.0.0.1:80\nReusePort=yes\nFreeBind=true\nBindToDevice=eth0\n")).Found().Ports);
        Assert.Equal((true, true, "eth0", true), (port.Binds[0].ReusePort, port.Binds[0].Freebind, port.Binds[0].Device, port.Binds[0].ReuseAddress));
    }

    [Fact]
    public void DropIns_AddAndReset_InTheOrderOfTheirNames()
    {
        var folder = new TestFolder(
            ("a.socket", "[Socket]\nListenStream=80\n"), ("a.socket.d/10-x.conf", "[Socket]\nListenStream=\nListenStream=81\n"), ("a.socket.d/20-y.conf", "[Socket]\nListenStream=82\n"), ("a.socket.d/.30-z.conf", "[Socket]\nListenStream=84\n"), ("a.socket.d/readme", "[Socket]\nListenStream=83\n"));
        Assert.Equal(["a.socket.d/10-x.conf:3 81/tcp", "a.socket.d/20-y.conf:2 82/tcp"], folder.Named("a.socket").Ports.Select(static port => $"{port.Location} {port.Target}"));
    }

    [Theory]
    [InlineData("Environment=PORT=3000 A=b", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("Environment=\"PORT=3000\"\nExecStart=/usr/bin/node server.js", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/gunicorn -b 127.0.0.1:8000 app:app", "2: a.service 8000/tcp 127.0.0.1")]
    [InlineData("ExecStart=-/usr/bin/uvicorn app:app --host 0.0.0.0 --port 8000", "2: a.service 8000/tcp 0.0.0.0")]
    [InlineData("Environment=PORT=4000\nExecStart=/usr/bin/puma -p ${PORT}", "3: a.service 4000/tcp ::(dual)")]
    [InlineData("Environment=PORT=8090\nExecStart=/usr/bin/gunicorn -b 127.0.0.1:8100 app", "3: a.service 8100/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/dotnet app.dll --urls http://localhost:5000", "2: a.service 5000/tcp 127.0.0.1 ::1(v6only)")]
    [InlineData("ExecStart=/usr/bin/env PORT=3000 /usr/bin/node server.js", "2: a.service 3000/tcp ::(dual) assumed")]
    [InlineData("ExecStart=/bin/bash -lc 'exec bundle exec puma -p 3000'", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("ExecStart=/srv/venv/bin/python3.11 -m uvicorn app:app --port 8000", "2: a.service 8000/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/memcached -p 11300 -l 127.0.0.1", "2: a.service 11300/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/memcached -p 11300 -l 127.0.0.1,127.0.0.2", "2: a.service 11300/tcp 127.0.0.1 127.0.0.2")]
    [InlineData("ExecStart=/usr/bin/memcached -p 11300 -l 127.0.0.1,cache.example", "2: a.service 11300/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/redis-server /etc/redis.conf --port 7000 --bind 127.0.0.1 -::1 --daemonize no", "2: a.service 7000/tcp 127.0.0.1 ::1")]
    [InlineData("ExecStart=/usr/bin/redis-server --bind '127.0.0.1 192.0.2.1' --port 7000", "2: a.service 7000/tcp 127.0.0.1 192.0.2.1")]
    [InlineData("ExecStart=/usr/bin/redis-server --bind 127.0.0.1 --port 7000 --bind 127.0.0.2", "2: a.service 7000/tcp 127.0.0.2")]
    [InlineData("ExecStart=/usr/bin/redis-server --port 7000 --bind * -::*", "2: a.service 7000/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/redis-server --port 7000", "2: a.service 7000/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/beanstalkd -l127.0.0.2 -p11300", "2: a.service 11300/tcp 127.0.0.2")]
    [InlineData("ExecStart=/usr/sbin/mysqld --port=3307 --bind-address=127.0.0.1", "2: a.service 3307/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/mongod --port 27018 --bind_ip localhost,192.0.2.1", "2: a.service 27018/tcp 127.0.0.1 ::1(v6only) 192.0.2.1")]
    [InlineData("ExecStart=/usr/bin/postgres -p 5433 -h 127.0.0.1", "2: a.service 5433/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/postgres -c listen_addresses= --port=5433 -h 127.0.0.1,::1", "2: a.service 5433/tcp 127.0.0.1 ::1")]
    [InlineData("ExecStart=/usr/sbin/mysqld --port=3307 --skip-networking=0", "2: a.service 3307/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/flask run -p 5000 -h 127.0.0.1", "2: a.service 5000/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/unicorn -p 5000 -o 127.0.0.1", "2: a.service 5000/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/daphne -p 5000 -b 127.0.0.1 app:app", "2: a.service 5000/tcp 127.0.0.1")]
    [InlineData("ExecStart=/usr/bin/thin start -p 5000 -a 127.0.0.1", "2: a.service 5000/tcp 127.0.0.1")]
    [InlineData("Environment=PORT=1 ASPNETCORE_URLS=http://localhost:5000\nExecStart=/usr/bin/dotnet /srv/app.dll", "2: a.service 5000/tcp 127.0.0.1 ::1(v6only)")]
    // systemd runs no shell: an operator's sign is part of its word.
    [InlineData("Environment=ASPNETCORE_URLS=http://*:5000;http://*:5001\nExecStart=/usr/bin/dotnet /srv/app.dll", "2: a.service 5000/tcp ::(dual)", "2: a.service 5001/tcp ::(dual)")]
    [InlineData("ExecStart=/usr/bin/dotnet app.dll --urls http://*:5000;http://*:5001", "2: a.service 5000/tcp ::(dual)", "2: a.service 5001/tcp ::(dual)")]
    [InlineData("Environment=ASPNETCORE_URLS=http://localhost:5000\nExecStart=/usr/bin/dotnet app.dll --urls http://*:5001", "3: a.service 5001/tcp ::(dual)")]
    public void ServiceUnit_PortThatIsCertain_IsRead(string text, params string[] expected) =>
        Assert.Equal(expected.Select(static one => one.Replace("::1(v6only)", "::1", StringComparison.Ordinal)), Lines.Of(new TestFolder(("a.service", $"[Service]\n{text}\n")).Found()));

    [Theory]
    [InlineData("ExecStart=/usr/bin/mydaemon -p 3000")]
    [InlineData("ExecStart=/usr/bin/psql -p 5432")]
    [InlineData("ExecStart=/usr/bin/mkdir -p 3000")]
    public void ServiceUnit_OptionOfAnUnknownProgram_IsNotGuessed(string text) => Assert.Empty(new TestFolder(("a.service", $"[Service]\n{text}\n")).Found().Ports);

    [Theory]
    [InlineData("/usr/bin/node a.js --port 8000\nExecStart=/usr/bin/node b.js --port 8000", 0)]
    [InlineData("/bin/sh -c 'node a.js --port 8000 & node b.js --port 8000'", 1)]
    public void ServiceUnit_CommandsOneAfterTheOther_DoNotMeet(string commands, int conflicts) =>
        Assert.Equal(conflicts, new TestFolder(("a.service", $"[Service]\nType=oneshot\nExecStart={commands}\n")).Plan().Conflicts.Length);

    // Nor is PORT assumed then.
    [Theory]
    [InlineData("/usr/lib/postgresql/15/bin/postgres -h '' -k /run/x -p 5432")]
    [InlineData("/usr/bin/postgres -p 5432 -c listen_addresses=")]
    [InlineData("/usr/bin/postgres -h 127.0.0.1 --listen_addresses= -p 5432")]
    [InlineData("/usr/bin/redis-server --bind '' --port 7000 --unixsocket /run/x")]
    [InlineData("/usr/bin/memcached -p 11300 -s /run/x")]
    [InlineData("/usr/bin/beanstalkd -p 11300 -l unix:/run/x")]
    [InlineData("/usr/sbin/mariadbd --skip-networking --port=3307")]
    [InlineData("/usr/bin/uvicorn app:app --uds /run/x --port 8000")]
    public void ServiceUnit_ServerThatOpensNoTcpPort_NamesNone(string command) =>
        Assert.Empty(new TestFolder(("a.service", $"[Service]\nEnvironment=PORT=3000\nExecStart={command}\n")).Found().Ports);

    private const string Unit = "[Service]\nEnvironment=PORT=3000 LEVEL=1\nExecStart=/usr/bin/node a.js\n";

    // systemd.unit(5), systemd.exec(5).
    [Theory]
    [InlineData("a.service.d/x.conf", "Environment=PORT=4000", "2: a.service 4000/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "Environment=PORT=")]
    [InlineData("a.service.d/x.conf", "Environment=PORT=none")]
    [InlineData("a.service.d/x.conf", "Environment=\nEnvironment=ADMIN=4001\nExecStart=\nExecStart=/usr/bin/puma -p ${ADMIN}", "5: a.service 4001/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "EnvironmentFile=/etc/a.env", "2: a.service 5000/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "EnvironmentFile=-/etc/a.env\nEnvironment=PORT=4000", "2: a.service 5000/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "EnvironmentFile=/etc/a.env\nEnvironmentFile=", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "UnsetEnvironment=LEVEL PORT")]
    [InlineData("a.service.d/x.conf", "UnsetEnvironment=PORT\nEnvironment=PORT=4000\nEnvironmentFile=/etc/a.env")]
    [InlineData("a.service.d/x.conf", "UnsetEnvironment=\"PORT=3000\"")]
    [InlineData("a.service.d/x.conf", "UnsetEnvironment=PORT=3000\nEnvironmentFile=/etc/a.env", "3: a.service 5000/tcp ::(dual)")]
    [InlineData("a.service.d/x.conf", "UnsetEnvironment=PORT\nUnsetEnvironment=", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("a.service.d/.x.conf", "Environment=PORT=4000", "2: a.service 3000/tcp ::(dual)")]
    [InlineData("service.d/x.conf", "Environment=PORT=4000", "2: a.service 4000/tcp ::(dual)")]
    public void ServiceUnit_DropIn_SetsOverridesAndResets(string path, string text, params string[] expected) =>
        Assert.Equal(expected, Lines.Of(new TestFolder(("a.service", Unit), (path, $"[Service]\n{text}\n"), ("/etc/a.env", "PORT=5000\n")).Found()));

    [Theory]
    [InlineData("web-.service.d/50.conf", 4000)]
    [InlineData("web-api@.service.d/50.conf", 4000)]
    [InlineData("web-api@1.service.d/20.conf", 4000)]
    [InlineData("web-api@1.service.d/05.conf", 3500)]
    [InlineData("web-api@2.service.d/50.conf", 3500)]
    public void ServiceUnit_DropInOfItsTemplateOrNamesBeginning_CountsByItsFileName(string path, int port)
    {
        var plan = new TestFolder(("web-api@1.service", Unit), ("web-.service.d/10.conf", "[Service]\nEnvironment=PORT=3500\n"), (path, "[Service]\nEnvironment=PORT=4000\n")).Found();
        Assert.Equal([$"{port}/tcp"], plan.Ports.Where(static one => one.Name == "web-api@1.service").Select(static one => one.Target));
    }

    // systemctl edit writes them where the unit's own file is not.
    [Fact]
    public void DropInsWithoutTheirUnitsFile_AreReadTogether() => Assert.Equal(["3: a.service 81/tcp ::(dual)"],
        Lines.Of(new TestFolder(("a.service.d/1.conf", "[Service]\nEnvironment=PORT=80\n"), ("a.service.d/2.conf", "[Service]\n\nEnvironment=PORT=81\n"), ("b-.service.d/1.conf", "[Service]\nEnvironment=PORT=82\n")).Found()));

    [Fact]
    public void ServiceUnit_EnvironmentFileThatIsNotThere_IsANote() => Assert.Equal(["2 not-understood: EnvironmentFile=-/etc/default/a of a.service is not in the folder: its variables are not known"],
        Lines.Remarks(new TestFolder(("a.service", "[Service]\nEnvironmentFile=-/etc/default/a\nEnvironment=PORT=3000\n")).Found()));

    [Theory]
    [InlineData("a.env")]
    [InlineData("-a.env")]
    [InlineData("--/etc/a.env")]
    public void ServiceUnit_EnvironmentFileThatIsNotAbsolute_IsIgnored(string path)
    {
        var found = new TestFolder(("a.service", $"[Service]\nEnvironmentFile={path}\nEnvironment=PORT=3000\n"), ("a.env", "PORT=5000\n"), ("/etc/a.env", "PORT=5000\n")).Named("a.service");
        Assert.Equal(["3: a.service 3000/tcp ::(dual)"], Lines.Of(found));
        Assert.Equal([$"2 not-understood: EnvironmentFile={path} of a.service is not an absolute path; systemd ignores it"], Lines.Remarks(found));
        Assert.Equal(PlanLevel.Note, found.Remarks[0].Level);
    }

    // As load_env_file() of systemd 252 reads them.
    [Theory]
    [InlineData("export PORT=3000\n", "export PORT=3000")]
    [InlineData("PORT: 3000\nPORT\n=3\n")]
    [InlineData("PORT=3000 # web\n", "PORT=3000 # web")]
    [InlineData("PORT=3000#x\n", "PORT=3000#x")]
    [InlineData("#PORT=1\n  ;PORT=2\nX=1\n", "X=1")]
    [InlineData("  PORT = 3000\t \r\nX=1", "PORT=3000", "X=1")]
    [InlineData("PORT=\nX=1\n", "PORT=", "X=1")]
    [InlineData("PORT=30\\\n00\n", "PORT=3000")]
    [InlineData("OPTS=--a \\\nPORT=3000\n", "OPTS=--a PORT=3000")]
    [InlineData("PORT=3  \\\n\nX=1\n", "PORT=3  ", "X=1")]
    [InlineData("PORT=3\\", "PORT=3")]
    [InlineData("PORT=\\3000\\ \n", "PORT=3000 ")]
    [InlineData("PORT=\"30\"'00'\n", "PORT=3000")]
    [InlineData("PORT = \"30\" 00 \n", "PORT=3000")]
    [InlineData("PORT=30\"00\"\n", "PORT=30\"00\"")]
    [InlineData("M=it's\nPORT=3000\nB=don't\n", "M=it's", "PORT=3000", "B=don't")]
    [InlineData("X=\"a\\\"\nPORT=3000\n\"\nY=1\n", "X=a\"\nPORT=3000\n", "Y=1")]
    [InlineData("X=\"C:\\\\\"\nPORT=3000\n", "X=C:\\", "PORT=3000")]
    [InlineData("X=\"\\$Y\\`\\a\\\nb \"\n", "X=$Y`\\ab ")]
    [InlineData("X='30\\\n00'\n", "X=30\\\n00")]
    public void EnvironmentFile_IsReadAsSystemdReadsIt(string text, params string[] expected) =>
        Assert.Equal(expected, EnvironmentFile.Read(text).Select(static one => $"{one.Name}={one.Value}"));

    [Theory]
    [InlineData("export PORT=5000\n", 3000)]
    [InlineData("OPTS=--a \\\nPORT=5000\n", 3000)]
    [InlineData("PORT=50\\\n00\n", 5000)]
    public void ServiceUnit_EnvironmentFile_IsNoDotEnv(string text, int port) => Assert.Equal([$"2: a.service {port}/tcp ::(dual)"],
        Lines.Of(new TestFolder(("a.service", "[Service]\n" + (port == 3000 ? "Environment=PORT=3000\n" : "") + "EnvironmentFile=/etc/a.env\n"), ("/etc/a.env", text)).Found()));

    [Theory]
    [InlineData("a")]
    [InlineData("unit")]
    [InlineData("my-web-server.conf")]
    public void ServiceUnit_MayHaveAnyName(string name) => Assert.Equal([$"2: {name} 80/tcp ::(dual)"],
        Lines.Of(PlanReader.Read([new PlanFile(name, ServiceUnitReader.Format, IsNamed: true)], new TestFolder((name, "[Service]\nEnvironment=PORT=80\n")))));

    [Theory]
    [InlineData("x.service.d/a.conf", "[Service]\nEnvironment=PORT=80\n", "2: x.service 80/tcp ::(dual)")]
    [InlineData("x.socket.d/a.conf", "[Socket]\nListenStream=80\n", "2: x.socket 80/tcp ::")]
    public void DropInThatIsNamed_IsOfItsUnit(string path, string text, string expected)
    {
        Assert.Equal([expected], Lines.Of(new TestFolder((path, text)).Named(path)));
        Assert.Equal(path.Contains(".socket.", StringComparison.Ordinal) ? 1 : 0, new TestFolder((path, text), ("x.socket", "[Socket]\n")).Named(path).Ports.Length);
    }

    [Theory]
    [InlineData("a.socket", "", "a.service", "")]
    [InlineData("a.socket", "Service=b.service", "b.service", "")]
    [InlineData("a.socket", "Service=b.service", "b.service", "Sockets=a.socket")]
    [InlineData("a.socket", "Accept=yes", "a@.service", "")]
    [InlineData("a@.socket", "", "a@.service", "")]
    [InlineData("a@1.socket", "", "a@.service", "")]
    [InlineData("a.socket", "", "a.service", "Sockets=b.socket")]
    public void ServiceUnit_ThatASocketUnitStarts_GetsItsSocketsFromThere(string socket, string ofSocket, string service, string ofService)
    {
        var plan = new TestFolder((socket, $"[Socket]\nListenStream=80\n{ofSocket}\n"), (service, $"[Service]\nEnvironment=PORT=80\n{ofService}\n")).Plan();
        Assert.Equal([socket], plan.Ports.Select(static port => port.Name));
        Assert.Equal("it gets its sockets from " + (ofService.Length > 0 ? ofService[8..] : socket), plan.Sources.Single(one => one.File == service).WhyNone);
    }

    [Theory]
    [InlineData("a.socket", "Service=b.service", "a.service")]
    [InlineData("a.socket", "Accept=yes", "a.service")]
    [InlineData("a.socket", "", "b.service")]
    public void ServiceUnit_ThatNoSocketUnitStarts_OpensItsOwn(string socket, string ofSocket, string service) =>
        Assert.Single(new TestFolder((socket, $"[Socket]\nListenStream=80\n{ofSocket}\n"), (service, "[Service]\nEnvironment=PORT=80\n")).Plan().Conflicts);

    [Theory]
    [InlineData("web.socket", "[Socket]\nListenStream=8080\n", "ListenStream=8080")]
    [InlineData("web.service", "[Service]\nExecStart=/usr/bin/puma -p 8080\n", "ExecStart=/usr/bin/puma -p 8080")]
    public void UnitOfOneName_InTwoFolders_IsOne_AndMeetsItsOwnDropIn(string name, string text, string again)
    {
        Assert.Empty(new TestFolder(("a/" + name, text), ("b/" + name, text)).Plan().Conflicts);
        Assert.Single(new TestFolder(("a/" + name, text), ("b/other-" + name, text)).Plan().Conflicts);
        var section = text.Split('\n')[0];
        Assert.Single(new TestFolder((name, text), (name + ".d/x.conf", $"{section}\n{again}\n")).Plan().Conflicts);
    }
}
