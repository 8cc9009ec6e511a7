using Bindwise.Model.Addresses;
using Bindwise.Model.Planning;

namespace Bindwise.Planning.Tests.Formats;

public sealed class ProxyTests
{
    private static PlanInput Nginx(string servers) => new TestFolder(("nginx.conf", $"http {{\n{servers}\n}}\n")).Found();

    [Theory]
    [InlineData("server { listen 80; }", "2: nginx (nginx.conf) 80/tcp 0.0.0.0")]
    [InlineData("server { listen *:8080 default_server; }", "2: nginx (nginx.conf) 8080/tcp 0.0.0.0")]
    [InlineData("server { listen 127.0.0.1; }", "2: nginx (nginx.conf) 80/tcp 127.0.0.1")]
    [InlineData("server { listen [::]:80; }", "2: nginx (nginx.conf) 80/tcp ::(v6only)")]
    [InlineData("server { listen [::]:80 ipv6only=off; }", "2: nginx (nginx.conf) 80/tcp ::(dual)")]
    [InlineData("server { listen 443 quic reuseport; }", "2: nginx (nginx.conf) 443/udp 0.0.0.0")]
    [InlineData("server { listen unix:/run/n.sock; }", "2: nginx (nginx.conf) /run/n.sock")]
    [InlineData("server { listen 8000-8002; }", "2: nginx (nginx.conf) 8000-8002/tcp 0.0.0.0")]
    [InlineData("server { server_name x; }", "2: nginx (nginx.conf) 80/tcp 0.0.0.0")]
    [InlineData("server { listen '127.0.0.1:81' ; # listen 82;\n}", "2: nginx (nginx.conf) 81/tcp 127.0.0.1")]
    public void Nginx_Listen_IsWhatNginxBinds(string server, string expected) => Assert.Equal([expected], Lines.Of(Nginx(server)));

    // Tried with nginx 1.22.1: as many sockets as ports, each once.
    [Theory]
    [InlineData("listen 8000-8010; } server { listen 8005;", "2: nginx (nginx.conf) 8000-8010/tcp 0.0.0.0")]
    [InlineData("listen 8005; } server { listen 8000-8010;", "2: nginx (nginx.conf) 8005/tcp 0.0.0.0", "2: nginx (nginx.conf) 8000-8004/tcp 0.0.0.0", "2: nginx (nginx.conf) 8006-8010/tcp 0.0.0.0")]
    [InlineData("listen 8000-8005; listen 8003-8010;", "2: nginx (nginx.conf) 8000-8005/tcp 0.0.0.0", "2: nginx (nginx.conf) 8006-8010/tcp 0.0.0.0")]
    [InlineData("listen 8000-8010; listen 127.0.0.1:8005;", "2: nginx (nginx.conf) 8000-8010/tcp 0.0.0.0")]
    [InlineData("listen 127.0.0.1:8000-8010; listen 8005;", "2: nginx (nginx.conf) 8000-8004/tcp 127.0.0.1", "2: nginx (nginx.conf) 8006-8010/tcp 127.0.0.1", "2: nginx (nginx.conf) 8005/tcp 0.0.0.0")]
    [InlineData("listen 8000-8010; listen 127.0.0.1:8005 bind;", "2: nginx (nginx.conf) 8000-8010/tcp 0.0.0.0", "2: nginx (nginx.conf) 8005/tcp 127.0.0.1")]
    [InlineData("listen localhost:81;", "2: nginx (nginx.conf) 81/tcp 127.0.0.1")]
    public void Nginx_Ranges_AreSoManyPorts(string listens, params string[] expected) => Assert.Equal(expected, Lines.Of(Nginx($"server {{ {listens} }}")));

    // Each tried with nginx -t of 1.22.1: "a duplicate listen" where one server has both.
    [Theory]
    [InlineData("listen 8083; listen 8083;", "listen 8083 and listen 8083")]
    [InlineData("listen 8083; listen 0.0.0.0:8083 default_server;", "listen 8083 and listen 0.0.0.0:8083")]
    [InlineData("listen 8000-8005; listen 8003;", "listen 8000-8005 and listen 8003")]
    [InlineData("listen 127.0.0.1:80; listen 127.0.0.1;", "listen 127.0.0.1:80 and listen 127.0.0.1")]
    [InlineData("listen unix:/run/n.sock; listen unix:/run/n.sock;", "listen unix:/run/n.sock and listen unix:/run/n.sock")]
    [InlineData("listen 8083; } server { listen 8083;", null)]
    [InlineData("listen 8083; listen [::]:8083; listen 127.0.0.1:8083;", null)]
    [InlineData("listen 8443 ssl; listen 8443 quic;", null)]
    public void Nginx_TwoListensOfOneServer_OnOneAddress_AreWarnedOf(string listens, string? both) =>
        Assert.Equal(both is null ? [] : [$"2 duplicate-listen: nginx does not start: one server has {both} (line 2), the same address and port"],
            Lines.Remarks(Nginx($"server {{ {listens} }}")));

    [Fact]
    public void Nginx_Localhost_MayBeAnIPv6AddressToo() =>
        Assert.Equal(["2 not-understood: nginx listens on every address of localhost: on [::1]:81 too, where /etc/hosts has it"], Lines.Remarks(Nginx("server { listen localhost:81; }")));

    // So many ranges over one another would cost as many steps as they have ports.
    [Fact]
    public void Nginx_RangesWithoutEnd_AreReadAtOnce() =>
        Assert.NotEmpty(Nginx(string.Concat(Enumerable.Range(0, 20_000).Select(static number => $"server {{ listen 10.{number / 250}.{number % 250}.1:1-65535; }}\n"))).Ports);

    // Each pair on one line; in two places of one line they are two.
    [Fact]
    public void Nginx_ListensOfOneLine_CollideEach() => Assert.Equal(2, new TestFolder(("nginx.conf",
        "events {}\nhttp { server { listen 8000; listen 127.0.0.1:8000 bind; listen 127.0.0.2:8000 bind; } }\n")).Plan().Conflicts.Length);

    // nginx -t accepts each of them, with the Lua module of OpenResty.
    [Theory]
    [InlineData("ngx.say('}')")]
    [InlineData("ngx.say(\"a\\\"}\")")]
    [InlineData("local n = #arg if n > 0 then ngx.exit(1) end -- not the end: }\n")]
    [InlineData("--[[ }\n} ]] local t = { { }, '{' }")]
    [InlineData("ngx.say([==[ }]] ' ]==])")]
    [InlineData("local t = {} t[#t + 1] = [[;}]]")]
    [InlineData("x = '\"}' --[=x }\n")]
    [InlineData("x = \"a\\\\\" -- 'and }\n")]
    [InlineData("")]
    public void Nginx_LuaCode_IsPassedOver(string code)
    {
        var input = Nginx($"server {{ location / {{ content_by_lua_block {{ {code} }} }} listen 8080; }}\nserver {{ listen 8081; }}");
        var line = 3 + code.Count(static letter => letter == '\n');
        Assert.Equal([$"{line - 1}: nginx (nginx.conf) 8080/tcp 0.0.0.0", $"{line}: nginx (nginx.conf) 8081/tcp 0.0.0.0"], Lines.Of(input));
        Assert.Empty(input.Remarks);
    }

    [Theory]
    [InlineData("http { server { listen 8080; content_by_lua_block { [[ } }\n}", 2)]
    [InlineData("http { server { listen 8080; content_by_lua_block { 'a\\\n}\n", 2)]
    [InlineData("http { server { listen 8080; content_by_lua_block { --[=[\n", 1)]
    [InlineData("http { server { listen 8080; content_by_lua_block {\n}\n\n", 3)]
    [InlineData("http {}\ninit_by_lua_block { x = 1\n", 2)]
    public void Nginx_LuaCodeWithoutItsEnd_IsTold(string text, int line) =>
        Assert.Equal([$"{line} not-understood: a brace or a semicolon is missing here or before"], Lines.Remarks(new TestFolder(("nginx.conf", text)).Found()));

    [Fact]
    public void Nginx_EqualListens_AreOneSocket_AndAWildcardServesTheAddresses()
    {
        var ports = Nginx("server { listen 80; }\nserver { listen 80; }\nserver { listen 127.0.0.1:80; }\nserver { listen 127.0.0.1:81; }").Ports;
        Assert.Equal(["2: nginx (nginx.conf) 80/tcp 0.0.0.0", "5: nginx (nginx.conf) 81/tcp 127.0.0.1"], ports.Select(Lines.Of));
        Assert.Equal(["nginx.conf:3"], ports[0].Also.Select(static at => at.ToString()));
    }

    // nginx -t accepts each of them; its start fails with bind() to 0.0.0.0:443 (98), or with 127.0.0.1:443.
    [Theory]
    [InlineData("listen 443 ssl;", "listen 443;", "443/tcp BW004 nginx.conf:2 nginx.conf:3")]
    [InlineData("listen 443 ssl;", "listen 127.0.0.1:443;", "443/tcp BW004 nginx.conf:2 nginx.conf:3")]
    [InlineData("listen 127.0.0.1:443;", "listen 443;", "443/tcp BW004 nginx.conf:2 nginx.conf:3")]
    [InlineData("listen 443 ssl;", "listen 443 udp;", null)]
    [InlineData("listen 443 ssl;", "listen [::]:443;", null)]
    [InlineData("listen 443 ssl;", "listen 444;", null)]
    public void Nginx_HttpAndStream_ShareNoSocket(string http, string stream, string? conflict)
    {
        var plan = new TestFolder(("nginx.conf", $"http {{\n  server {{ {http} }} }}\nstream {{ server {{ {stream} }} }}\n")).Plan();
        Assert.Equal(conflict is null ? [] : [conflict], Lines.Conflicts(plan));
    }

    [Fact]
    public void Nginx_DualStackBesideIPv4_Collides()
    {
        var plan = new TestFolder(("nginx.conf", "http {\nserver { listen 80; }\nserver { listen [::]:80 ipv6only=off; }\n}\n")).Plan();
        Assert.Equal(["80/tcp BW004 nginx.conf:2 nginx.conf:3"], Lines.Conflicts(plan));
        Assert.Empty(new TestFolder(("nginx.conf", "http {\nserver { listen 80; listen [::]:80; }\n}\n")).Plan().Conflicts);
    }

    [Fact]
    public void Nginx_Includes_AreReadOnce_AndNotOutsideOfTheFolder()
    {
        var folder = new TestFolder(
            ("nginx/nginx.conf", "http {\n  include mime.types;\n  include conf.d/*.conf;\n  include /usr/share/nginx/x.conf;\n}\nstream { server { listen 53 udp; } }\n"),
            ("nginx/conf.d/a.conf", "server {\n  listen 80;\n}\n"), ("nginx/conf.d/b.conf", "server { listen 8080; }\n"));
        var input = folder.Found();
        Assert.Equal(["nginx/conf.d/a.conf:2 80/tcp", "nginx/conf.d/b.conf:1 8080/tcp", "nginx/nginx.conf:6 53/udp"], input.Ports.Select(static port => $"{port.Location} {port.Target}").Order());
        Assert.Equal(["4 outside: include /usr/share/nginx/x.conf leads out of nginx and was not read"], Lines.Remarks(input));
    }

    [Fact]
    public void Nginx_IncludeOfTwoServers_IsReadForBoth()
    {
        var input = new TestFolder(("nginx.conf", "http {\nserver { include snippets/listen.conf; }\nserver { include snippets/listen.conf; }\nserver { include ./snippets/*.conf; }\n}\n"),
            ("snippets/listen.conf", "listen 8443 ssl;\n")).Found();
        Assert.Equal("snippets/listen.conf:1 8443/tcp", Assert.Single(input.Ports.Select(static port => $"{port.Location} {port.Target}")));
        Assert.Empty(input.Remarks);
    }

    [Fact]
    public void Nginx_IncludeOfTwoMainFiles_IsOfBoth()
    {
        const string main = "events {}\nhttp { include conf.d/*.conf; }\n";
        var folder = new TestFolder(("nginx.conf", main), ("nginx.dev.conf", main), ("conf.d/web.conf", "server { listen 8080; }\n"));
        Assert.Equal(["1: nginx (nginx.conf) 8080/tcp 0.0.0.0", "1: nginx (nginx.dev.conf) 8080/tcp 0.0.0.0"], Lines.Of(folder.Found()));
        Assert.Empty(folder.Plan().Conflicts);
    }

    [Fact]
    public void Nginx_IncludeOfAFileThatIsLoaded_IsFoundFromTheMainOne() => Assert.Equal(["1: nginx (nginx.conf) 8443/tcp 0.0.0.0"], Lines.Of(new TestFolder(
        ("nginx/nginx.conf", "events {}\nhttp { include /etc/nginx/sites-enabled/*; }\n"), ("nginx/sites-enabled/web", "server {\n  include snippets/listen.conf;\n}\n"),
        ("nginx/snippets/listen.conf", "listen 8443;\n")).Found()));

    // What is not there may have any listen.
    [Theory]
    [InlineData("include /etc/nginx/snippets/listen.conf;")]
    [InlineData("include sites/*/listen.conf;")]
    [InlineData("include snippets/missing.conf;")]
    [InlineData("include snippets/*.missing;")]
    [InlineData("include snippets/outside.conf;")]
    [InlineData("include deep/0;")]
    public void Nginx_ServerOfWhichAnIncludeIsNotRead_HasNoPort80(string include)
    {
        static TestFolder With(string server) => new([("nginx.conf", $"http {{\nserver {{ {server} }}\n}}\n"), ("snippets/outside.conf", "include ../../listen.conf;\n"),
            .. Enumerable.Range(0, 9).Select(static depth => ($"deep/{depth}", $"include deep/{depth + 1};\n"))]);
        var input = With(include).Named("nginx.conf");
        Assert.Empty(input.Ports);
        Assert.Contains("2 not-understood: where this server listens is not known: not all that it includes was read", Lines.Remarks(input));
        var known = With(include + " listen 81;").Named("nginx.conf");
        Assert.Equal(["2: nginx (nginx.conf) 81/tcp 0.0.0.0"], Lines.Of(known));
        Assert.DoesNotContain(known.Remarks, static remark => remark.Text.StartsWith("where this", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("include fastcgi_params;", "80/tcp")]
    [InlineData("location / { include missing; }", "80/tcp")]
    [InlineData("include self.conf;", "81/tcp")]
    public void Nginx_IncludeWithoutAListen_ChangesNothing(string include, string expected) => Assert.Equal(expected, Assert.Single(new TestFolder(
        ("nginx.conf", $"http {{\nserver {{ {include} }}\n}}\n"), ("self.conf", "include self.conf; listen 81;\n")).Named("nginx.conf").Ports).Target);

    // nginx started with such files has one socket of 8083.
    [Theory]
    [InlineData("conf.d/a.conf", "conf.d/b.conf")]
    [InlineData("nginx/conf.d/a.conf", "nginx/sites-enabled/b")]
    [InlineData("sites-enabled/a", "sites-enabled/b.conf")]
    [InlineData("web/nginx.conf", "admin/nginx.conf")]
    [InlineData("deploy/a.nginx", "deploy/b.nginx.conf")]
    public void Nginx_FilesWithoutAMainOne_AreOfOneNginx(string one, string other)
    {
        static (string, string) At(string path, string name) => (path, $"server{{ listen 8083; server_name {name}; }}\n");
        Assert.Equal("8083/tcp", Assert.Single(new TestFolder(At(one, "a"), At(other, "b")).Found().Ports).Target);
        var beside = new TestFolder(At(one, "a"), At(other, "b"), ("nginx.conf", "events {}\nhttp { include /etc/nginx/conf.d/*.conf; server { listen 8083; } }\n"));
        Assert.Equal("nginx (nginx.conf)", Assert.Single(beside.Found().Ports).Name);
        Assert.Equal(["8083/tcp BW004 " + string.Join(' ', ((string[])[one + ":1", "x/haproxy.cfg:2"]).Order(StringComparer.Ordinal))],
            Lines.Conflicts(new TestFolder(At(one, "a"), ("x/haproxy.cfg", "frontend f\n  bind :8083\n")).Plan()));
    }

    [Fact]
    public void Nginx_MainFilesOfOneFolder_AreWaysToStartIt_AndOfTwoFoldersTwo()
    {
        const string main = "http { server { listen 80; } }\n";
        Assert.Empty(new TestFolder(("nginx.conf", main), ("nginx.dev.conf", main)).Plan().Conflicts);
        Assert.Single(PortPlanner.Check(new TestFolder(("nginx.conf", main), ("nginx.dev.conf", main)).Named("nginx.conf", "nginx.dev.conf").Ports, new()).Conflicts);
        Assert.Single(new TestFolder(("a/nginx.conf", main), ("b/nginx.conf", main)).Plan().Conflicts);
    }

    [Theory]
    [InlineData("conf.d/site.conf", "server\n{\n  listen 81;\n}\n", 1)]
    [InlineData("sites-enabled/site", "server {\nlisten 81;\n}\n", 1)]
    [InlineData("sites-available/site.conf", "server { listen 81; }\n", 0)]
    [InlineData("sites-available/site.nginx", "server { listen 81; }\n", 0)]
    [InlineData("conf.d/apache.conf", "Listen 81\n<VirtualHost *:81>\n  ServerName x\n</VirtualHost>\n", 0)]
    [InlineData("sites-enabled/000-default.conf", "<VirtualHost *:81>\n  ServerName x\n</VirtualHost>\n", 0)]
    [InlineData("supervisor/conf.d/app.conf", "[program:app]\ncommand=x\n", 0)]
    [InlineData("conf.d/.#site.conf", "server {\n  listen 81;\n}\n", 0)]
    [InlineData("sites-enabled/.old", "server {\n  listen 81;\n}\n", 0)]
    [InlineData(".site.nginx", "server {\n  listen 81;\n}\n", 0)]
    [InlineData("conf.d/proxy.conf", "proxy_set_header Host $host;\n", 0)]
    public void Nginx_FileFound_IsReadIfItIsOneThatIsLoaded(string path, string text, int ports)
    {
        var input = new TestFolder((path, text)).Found();
        Assert.Equal(ports, input.Ports.Length);
        Assert.Empty(input.Remarks);
    }

    [Theory]
    [InlineData("server { listen $port; }", "2 not-understood: listen $port is not understood: only addresses are, no names and variables")]
    [InlineData("server { listen ${PORT}; }", "2 not-understood: listen ${PORT} is not understood: only addresses are, no names and variables")]
    [InlineData("server { listen 80 defualt_server; }", "2 unknown-key: defualt_server is not an option of listen")]
    [InlineData("server { listen 80; ", "3 not-understood: a brace or a semicolon is missing here or before")]
    public void Nginx_WrongLine_IsTold(string server, string remark) => Assert.Contains(remark, Lines.Remarks(Nginx(server)));

    [Fact]
    public void ProxyOfAContainer_IsNotOfThisHost()
    {
        var folder = new TestFolder(("compose.yaml", "services:\n  web:\n    ports: ['80:80']\n    volumes: ['./proxy:/etc/nginx:ro']\n"), ("proxy/nginx.conf", "http { server { listen 80; } }\n"));
        Assert.Empty(folder.Plan().Conflicts);
        Assert.Contains(folder.Found().Remarks, static remark => remark.Id == "in-container");
    }

    [Theory]
    [InlineData("web/Dockerfile", "COPY nginx.conf /etc/nginx/conf.d/default.conf", true)]
    [InlineData("web/Dockerfile", "copy --chown=x \\\n  nginx.conf other /etc/nginx/", true)]
    [InlineData("Dockerfile.web", "ADD web/ /etc/nginx/", true)]
    [InlineData("web/prod.Dockerfile", "COPY ./web/*.conf /etc/nginx/", true)]
    [InlineData("web/Dockerfile", "COPY --chown=x [\"nginx.conf\", \"/etc/nginx/nginx.conf\"]", true)]
    [InlineData("web/Dockerfile", "COPY [\"other\",\"nginx.conf\",\"/etc/nginx/\"]", true)]
    [InlineData("web/Dockerfile", "COPY [\"other\", \"nginx.conf\"]", false)]
    [InlineData("web/Dockerfile", "COPY . /app", false)]
    [InlineData("web/Dockerfile", "RUN cp nginx.conf /", false)]
    [InlineData("web/Dockerfile", "COPY nginx.conf.old /etc/nginx/", false)]
    [InlineData("other/Dockerfile", "COPY nginx.conf /etc/nginx/", false)]
    public void ProxyThatADockerfileCopies_IsNotOfThisHost(string path, string line, bool isCopied)
    {
        var input = new TestFolder((path, $"FROM nginx\n{line}\n"), ("web/nginx.conf", "http { server { listen 80; } }\n")).Found();
        Assert.Equal(isCopied, input.Ports.IsEmpty);
        Assert.Equal(isCopied, input.Remarks.Any(static remark => remark.Id == "in-container"));
    }

    private static PlanInput Haproxy(string lines) => new TestFolder(("haproxy.cfg", lines)).Found();

    [Theory]
    [InlineData("bind :80", "2: haproxy frontend f 80/tcp 0.0.0.0")]
    [InlineData("bind *:80 # all", "2: haproxy frontend f 80/tcp 0.0.0.0")]
    [InlineData("bind 10.0.0.1:80", "2: haproxy frontend f 80/tcp 10.0.0.1")]
    [InlineData("bind :::80", "2: haproxy frontend f 80/tcp ::")]
    [InlineData("bind [::]:80 v4v6", "2: haproxy frontend f 80/tcp ::(dual)")]
    [InlineData("bind :::80 v6only", "2: haproxy frontend f 80/tcp ::(v6only)")]
    [InlineData("bind ipv4@:80 interface eth0", "2: haproxy frontend f 80/tcp 0.0.0.0")]
    [InlineData("bind ipv6@*:80", "2: haproxy frontend f 80/tcp ::")]
    [InlineData("bind quic4@:443 ssl", "2: haproxy frontend f 443/udp 0.0.0.0")]
    [InlineData("bind abnsz@x", "2: haproxy frontend f @x")]
    [InlineData("bind /run/h.sock mode 600", "2: haproxy frontend f /run/h.sock")]
    [InlineData("bind :8000-8010", "2: haproxy frontend f 8000-8010/tcp 0.0.0.0")]
    // bind_parse_v4v6() is for IPv6 alone, and str2ip2() takes * for IPv4; v6only is looked at first.
    [InlineData("bind *:80 v4v6", "2: haproxy frontend f 80/tcp 0.0.0.0")]
    [InlineData("bind :::80 v4v6 v6only", "2: haproxy frontend f 80/tcp ::(v6only)")]
    public void Haproxy_Bind_IsWhatItBinds(string line, string expected) => Assert.Equal([expected], Lines.Of(Haproxy($"frontend f\n  {line}\n")));

    /// <summary>sock_unix_bind_receiver() binds all of sun_path: the name has 107 bytes.</summary>
    [Fact]
    public void Haproxy_AbstractName_IsFilledWithNuls()
    {
        TestFolder With(string prefix) => new(("haproxy.cfg", $"frontend f\n  bind {prefix}@foo\n"), ("x.socket", "[Socket]\nListenStream=@foo\n"));
        Assert.Empty(With("abns").Plan().Conflicts);
        Assert.Single(With("abnsz").Plan().Conflicts);
        var path = Assert.Single(Haproxy("frontend f\n  bind abns@foo\n").Ports).Binds[0].Path!;
        Assert.Equal([(byte)'f', (byte)'o', (byte)'o', .. new byte[104]], AbstractName.Read(path));
    }

    [Fact]
    public void Nginx_Include_TakesSetsOfLetters() => Assert.Equal(["81/tcp", "82/tcp"], new TestFolder(
        ("nginx.conf", "events {}\nhttp { include sites/[ab]*; }\n"), ("sites/a1", "server { listen 81; }\n"), ("sites/b1", "server { listen 82; }\n"),
        ("sites/c1", "server { listen 83; }\n")).Named("nginx.conf").Ports.Select(static port => port.Target));

    [Theory]
    [InlineData("frontend f\n  bind :80\n  disabled\n")]
    [InlineData("listen f :80\n  disabled\n")]
    [InlineData("frontend f\n  bind :80\n  enabled\n  disabled\nfrontend g\n  bind :81\n", "81/tcp")]
    [InlineData("frontend f\n  disabled\n  bind :80\n  enabled\n", "80/tcp")]
    [InlineData("peers p\n  bind :80\n  disabled\n")]
    [InlineData("defaults\n  disabled\nfrontend f\n  bind :80\nfrontend g\n  bind :81\n  enabled\ndefaults\n  mode http\nfrontend h\n  bind :82\n", "81/tcp", "82/tcp")]
    [InlineData("backend b\n  disabled\nfrontend f\n  bind :80\n", "80/tcp")]
    public void Haproxy_DisabledSection_BindsNothing(string text, params string[] expected)
    {
        var input = Haproxy(text);
        Assert.Equal(expected, input.Ports.Select(static port => port.Target));
        Assert.Equal(expected.Length == 0 ? "every section with a bind is disabled" : null, Assert.Single(input.Sources).WhyNone);
    }

    [Fact]
    public void Haproxy_Conditions_AreReadWithAllTheirBranches_WhichIsSaidOnce()
    {
        var input = Haproxy(".if defined(X)\nfrontend a\n  bind :80\n.elif !defined(Y)\nfrontend b\n  bind :81\n.else\n  .notice \"none\"\n.endif\n.if 1\n.endif\n");
        Assert.Equal(["80/tcp", "81/tcp"], input.Ports.Select(static port => port.Target));
        Assert.Equal(["1 not-understood: the condition of .if is not known here: all branches were read"], Lines.Remarks(input));
    }

    /// <summary>haproxy 2.6 with this file starts; ss shows two sockets that were bound to other names, and the path is the second one's.</summary>
    [Fact]
    public void Haproxy_TwoOnOneUnixPath_DoNotFail_ButTheLaterOneHasIt()
    {
        var plan = new TestFolder([("haproxy.cfg", "frontend one\n  bind /run/h.sock\nfrontend two\n  bind unix@/run/h.sock\n")]).Plan();
        Assert.Empty(plan.Conflicts);
        var remark = Assert.Single(plan.Remarks, static one => one.Id == "replaces");
        Assert.StartsWith("haproxy frontend two takes /run/h.sock from haproxy frontend one, which gets no connection then", remark.Text, StringComparison.Ordinal);
        Assert.Equal((4, 2), (remark.Location!.Line, remark.Other!.Line));
    }

    /// <summary>Another program does fail where haproxy's socket is, and an abstract name cannot be renamed.</summary>
    [Theory]
    [InlineData("frontend one\n  bind /run/h.sock\n", "http { server { listen unix:/run/h.sock; } }")]
    [InlineData("frontend one\n  bind abns@h\nfrontend two\n  bind abns@h\n", "")]
    public void Haproxy_UnixAddressThatItCannotReplace_Collides(string haproxy, string nginx) =>
        Assert.Single(new TestFolder([("haproxy.cfg", haproxy), ("nginx.conf", nginx)]).Plan().Conflicts);

    [Theory]
    [InlineData("stats socket /run/haproxy/admin.sock mode 660 level admin", "2: haproxy global /run/haproxy/admin.sock")]
    [InlineData("stats socket ipv4@127.0.0.1:9999 level admin", "2: haproxy global 9999/tcp 127.0.0.1")]
    [InlineData("stats socket :9999", "2: haproxy global 9999/tcp 0.0.0.0")]
    [InlineData("stats timeout 30s", null)]
    public void Haproxy_StatsSocket_IsBoundToo(string line, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], Lines.Of(Haproxy($"global\n  {line}\n")));

    [Fact]
    public void Haproxy_SeveralAddresses_AreSeveralSockets() =>
        Assert.Equal(["80/tcp", "443/tcp", "8404/tcp", "1514/tcp", "1514/udp"], Haproxy("frontend f\n  bind :80,:443\nbackend b\n  server s 10.0.0.1:80\nlisten stats\n  bind :8404\nlog-forward l\n  bind :1514\n  dgram-bind :1514\n").Ports.Select(static port => port.Target));

    /// <summary>As measured with two listeners of SO_REUSEPORT, in both orders, on Linux 6.18.</summary>
    [Theory]
    [InlineData(":80", "127.0.0.1:80", "haproxy frontend b gets every connection to 127.0.0.1")]
    [InlineData("127.0.0.1:80", ":80 interface lo", "haproxy frontend a gets every connection to 127.0.0.1 that comes in through lo")]
    [InlineData(":::80 v4v6", ":80", "haproxy frontend b gets every connection over IPv4")]
    [InlineData(":80", ":::80 v4v6", "haproxy frontend a gets every connection over IPv4")]
    [InlineData(":::80 v4v6", "::1:80", "haproxy frontend b gets every connection to [::1]")]
    [InlineData(":::80 v4v6", "127.0.0.1:80", "haproxy frontend b gets every connection to 127.0.0.1")]
    [InlineData(":80", ":80 interface lo", "the one that starts last gets every connection that comes in through lo")]
    [InlineData(":::80 v4v6 interface lo", ":::80 v4v6", "the one that starts first gets every connection that comes in through lo")]
    [InlineData(":::80 v4v6", ":::80 v6only", "the one that starts first gets every connection over IPv6")]
    [InlineData(":::80 v4v6 interface lo", ":80", "haproxy frontend b gets every connection over IPv4 that comes in through lo")]
    [InlineData(":::80 v4v6", ":::80 v4v6", "each connection goes to one of them, at random")]
    [InlineData(":80 interface lo", ":80 interface lo", "each connection goes to one of them, at random")]
    [InlineData("quic4@:80", "quic4@127.0.0.1:80", "haproxy frontend b gets every datagram to 127.0.0.1")]
    [InlineData("quic4@:80", "quic4@:80", "only one of them gets each datagram")]
    public void Haproxy_SharedPort_SaysWhoGetsTheConnections(string one, string other, string expected)
    {
        var plan = new TestFolder(("haproxy.cfg", $"frontend a\n bind {one}\nfrontend b\n bind {other}\n")).Plan();
        Assert.Empty(plan.Conflicts);
        Assert.EndsWith("): " + expected, Assert.Single(plan.Remarks, static remark => remark.Id == "shared").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(":80", ":80", "haproxy frontend a has 80/tcp twice (BW007): each connection goes to one of them, at random")]
    [InlineData(":80", "127.0.0.1:80", "haproxy frontend a has 80/tcp twice (BW007): bind 127.0.0.1:80 gets every connection to 127.0.0.1")]
    [InlineData("*:80 v4v6", "*:80", "haproxy frontend a has 80/tcp twice (BW007): each connection goes to one of them, at random")]
    public void Haproxy_TwoBindsOfOneFrontend_AreToldApart(string one, string other, string expected) =>
        Assert.Equal(expected, Assert.Single(new TestFolder(("haproxy.cfg", $"frontend a\n bind {one}\n bind {other}\n")).Plan().Remarks, static remark => remark.Id == "shared").Text);

    [Fact]
    public void Haproxy_TwoFrontendsOnOnePort_ShareItBySoReusePort()
    {
        const string text = "frontend a\n  bind :80\nfrontend b\n  bind :80\n";
        var plan = new TestFolder(("haproxy.cfg", text)).Plan();
        Assert.Empty(plan.Conflicts);
        Assert.Contains(plan.Remarks, static remark => remark is { Id: "shared", Level: PlanLevel.Warning } && remark.Text.Contains("(BW007): each connection goes to one of them, at random", StringComparison.Ordinal));
        Assert.Equal(["80/tcp BW004 haproxy.cfg:4 haproxy.cfg:6"], Lines.Conflicts(new TestFolder(("haproxy.cfg", "global\n  noreuseport\n" + text)).Plan()));
    }

    [Fact]
    public void HaproxyAndNginx_OnOnePort_Collide() =>
        Assert.Equal(["80/tcp BW004 haproxy.cfg:2 nginx.conf:1"], Lines.Conflicts(new TestFolder(("haproxy.cfg", "frontend a\n  bind 127.0.0.1:80\n"), ("nginx.conf", "http { server { listen 80; } }\n")).Plan()));

    [Theory]
    [InlineData("bind localhost:80")]
    [InlineData("bind \"${ADDR}:80\"")]
    [InlineData("bind rhttp@x")]
    public void Haproxy_Names_AreNotGuessed(string line)
    {
        var input = Haproxy($"frontend f\n  {line}\n");
        Assert.Empty(input.Ports);
        Assert.Equal("not-understood", Assert.Single(input.Remarks).Id);
    }
}
