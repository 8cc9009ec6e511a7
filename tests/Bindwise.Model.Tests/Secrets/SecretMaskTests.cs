using System.Collections.Immutable;
using Bindwise.Model.Secrets;

namespace Bindwise.Model.Tests.Secrets;

/// <summary>Command lines of real programs. Arguments are written with a bar between them.</summary>
public sealed class SecretMaskTests
{
    [Theory]
    // Options and their values, in both spellings
    [InlineData("node|server.js|--password|hunter2", "node|server.js|--password|***")]
    [InlineData("node|server.js|--password=hunter2", "node|server.js|--password=***")]
    [InlineData("app|--db.password=a b;c,d", "app|--db.password=***")]
    [InlineData("java|-Dspring.datasource.password=hunter2|-jar|app.jar", "java|-Dspring.datasource.password=***|-jar|app.jar")]
    [InlineData("java|-Djavax.net.ssl.keyStorePassword=changeit|Main", "java|-Djavax.net.ssl.keyStorePassword=***|Main")]
    [InlineData("consul|agent|-token=3f1c", "consul|agent|-token=***")]
    [InlineData("cloudflared|tunnel|run|--token|eyJhIjoi", "cloudflared|tunnel|run|--token|***")]
    [InlineData("tailscale|up|--authkey|tskey-auth-k1", "tailscale|up|--authkey|***")]
    [InlineData("ngrok|http|8080|--authtoken=2abc", "ngrok|http|8080|--authtoken=***")]
    [InlineData("kubeadm|join|10.0.0.1:6443|--token|abc.def|--discovery-token-ca-cert-hash|sha256:12", "kubeadm|join|10.0.0.1:6443|--token|***|--discovery-token-ca-cert-hash|sha256:12")]
    [InlineData("k3s|server|--token=K10abc|--tls-san|x", "k3s|server|--token=***|--tls-san|x")]
    [InlineData("minio|server|/data|--secret-key|abcd", "minio|server|/data|--secret-key|***")]
    [InlineData("litellm|--api_key|sk-1|--port|4000", "litellm|--api_key|***|--port|4000")]
    [InlineData("vllm|serve|m|--api-key|abc", "vllm|serve|m|--api-key|***")]
    [InlineData("redis-server|*:6379|--requirepass|pw1", "redis-server|*:6379|--requirepass|***")]
    [InlineData("nats-server|--user|u|--pass|p4ss", "nats-server|--user|u|--pass|***")]
    [InlineData("dotnet|App.dll|/p:Password=pw1", "dotnet|App.dll|/p:Password=***")]
    [InlineData("app|--clientSecret|x1", "app|--clientSecret|***")]
    [InlineData("app|--account-key|AbC=|--name|n", "app|--account-key|***|--name|n")]
    [InlineData("wget|--http-password=pw|http://h/", "wget|--http-password=***|http://h/")]
    [InlineData("helm|install|x|--set|auth.password=pw1,auth.user=joe", "helm|install|x|--set|auth.password=***,auth.user=joe")]
    // Short options by the program's habit
    [InlineData("mysql|-u|root|-psecret|shop", "mysql|-u|root|-p***|shop")]
    [InlineData("/usr/bin/mysqldump|-uroot|-ps3cret|--port|3307", "/usr/bin/mysqldump|-uroot|-p***|--port|3307")]
    [InlineData("mysql|--password|shop", "mysql|--password|shop")]
    [InlineData("mysql|-p|shop", "mysql|-p|shop")]
    [InlineData("sshpass|-p|pw|ssh|-p|2222|host", "sshpass|-p|***|ssh|-p|2222|host")]
    [InlineData("redis-cli|-a|pw|-p|6380", "redis-cli|-a|***|-p|6380")]
    [InlineData("mongosh|-u|joe|-p|pw", "mongosh|-u|joe|-p|***")]
    [InlineData("curl|-u|joe:pw|http://h/", "curl|-u|joe:***|http://h/")]
    [InlineData("curl|-ujoe:pw|http://h/", "curl|-ujoe:***|http://h/")]
    [InlineData("curl|-u|joe|http://h/", "curl|-u|joe|http://h/")]
    [InlineData("ldapsearch|-D|cn=x|-w|pw", "ldapsearch|-D|cn=x|-w|***")]
    [InlineData("smbclient|//h/s|-U|joe%pw", "smbclient|//h/s|-U|joe%***")]
    [InlineData("mosquitto_sub|-p|1883|-u|joe|-P|pw", "mosquitto_sub|-p|1883|-u|joe|-P|***")]
    [InlineData("beam.smp|-name|a@b|-setcookie|chocolate", "beam.smp|-name|a@b|-setcookie|***")]
    [InlineData("7z|x|-pw1|a.7z", "7z|x|-p***|a.7z")]
    [InlineData("sudo|mysql|-psecret", "sudo|mysql|-p***")]
    // Variables and headers
    [InlineData("env|DB_PASSWORD=pw|AWS_SECRET_ACCESS_KEY=abc/def|PORT=80|node|x", "env|DB_PASSWORD=***|AWS_SECRET_ACCESS_KEY=***|PORT=80|node|x")]
    [InlineData("docker|run|-e|POSTGRES_PASSWORD=pw|-e|TZ=UTC|postgres", "docker|run|-e|POSTGRES_PASSWORD=***|-e|TZ=UTC|postgres")]
    [InlineData("docker|run|--env=MYSQL_ROOT_PASSWORD=pw|mysql", "docker|run|--env=MYSQL_ROOT_PASSWORD=***|mysql")]
    [InlineData("docker|login|-u|joe|-p|hunter2", "docker|login|-u|joe|-p|***")]
    [InlineData("app|STRIPE_KEY=rk_live_a1b2c3d4e5f6a7b8c9", "app|STRIPE_KEY=***")]
    [InlineData("env|PWD=/home/joe|x", "env|PWD=/home/joe|x")]
    [InlineData("curl|-H|Authorization: Bearer abc.def", "curl|-H|Authorization: Bearer ***")]
    [InlineData("curl|-H|X-Api-Key: abc|-H|Accept: text/html", "curl|-H|X-Api-Key: ***|-H|Accept: text/html")]
    [InlineData("curl|-H|Cookie: sid=1", "curl|-H|Cookie: ***")]
    // Tokens that are known by their look
    [InlineData("gh|ghp_0123456789abcdefghijABCDEFGHIJ012345", "gh|***")]
    [InlineData("aws|AKIAIOSFODNN7EXAMPLE", "aws|***")]
    [InlineData("app|--key|0123456789abcdef0123", "app|--key|***")]
    // URLs and connection strings
    [InlineData("app|postgres://joe:pw@db:5432/shop?sslmode=off", "app|postgres://joe:***@db:5432/shop?sslmode=off")]
    [InlineData("app|--db=postgres://joe:p@w@db/shop", "app|--db=postgres://joe:***@db/shop")]
    [InlineData("app|redis://:pw@h:6379/0", "app|redis://:***@h:6379/0")]
    [InlineData("app|amqp://u:p/ss@h:5672", "app|amqp://u:***@h:5672")]
    [InlineData("git|clone|https://joe@h/r.git", "git|clone|https://joe@h/r.git")]
    [InlineData("git|clone|https://abcdefghijklmnopqrstuvwx@h/r", "git|clone|https://***@h/r")]
    [InlineData("app|mongodb+srv://u:p1@c.example/x,mongodb://u:p2@d/x", "app|mongodb+srv://u:***@c.example/x,mongodb://u:***@d/x")]
    [InlineData("app|http://h/cb?token=abc&x=1", "app|http://h/cb?token=***&x=1")]
    [InlineData("app|Server=db;User Id=sa;Password=pw1;Encrypt=yes", "app|Server=db;User Id=sa;Password=***;Encrypt=yes")]
    [InlineData("app|AccountName=n;AccountKey=abc==;EndpointSuffix=x", "app|AccountName=n;AccountKey=***;EndpointSuffix=x")]
    [InlineData("curl|-x|joe:pw@proxy.example:3128|http://h/", "curl|-x|joe:***@proxy.example:3128|http://h/")]
    // A whole command line in one argument, or in a title
    [InlineData("sh|-c|PGPASSWORD=pw psql -h db -p 5432", "sh|-c|PGPASSWORD=*** psql -h db -p 5432")]
    [InlineData("sh|-c|mysql -uroot -psecret shop", "sh|-c|mysql -uroot -p*** shop")]
    [InlineData("bash|-c|cd /srv && ./app --token 'a b' --port 80", "bash|-c|cd /srv && ./app --token '***' --port 80")]
    [InlineData("sh|-c|curl -H \"Authorization: Bearer abc\" http://h/", "sh|-c|curl -H \"Authorization: Bearer ***\" http://h/")]
    [InlineData("npm run dev --password=pw1 --port=3000", "npm run dev --password=*** --port=3000")]
    public void Secret_OnACommandLine_IsMasked(string arguments, string expected) => Assert.Equal(expected, Masked(arguments));

    [Theory]
    [InlineData("nginx: worker process")]
    [InlineData("postgres: joe shop 10.0.0.7(40112) idle")]
    [InlineData("/usr/sbin/sshd|-D|-o|PasswordAuthentication=no")]
    [InlineData("sshd: joe@pts/0")]
    [InlineData("app|--password-file|/run/secrets/pw|--token-file=/run/t")]
    [InlineData("docker|login|--password-stdin")]
    [InlineData("docker|build|--secret|id=npmrc,src=/root/.npmrc|.")]
    [InlineData("server|-p|8080|--port|9090|-P|x")]
    [InlineData("ssh|-p|2222|joe@host")]
    [InlineData("node|--max-old-space-size=4096|server.js")]
    [InlineData("openssl|s_server|-key|server.key|-cert|server.pem")]
    [InlineData("caddy|--tls-key=/etc/ssl/private/site.key")]
    [InlineData("ansible|--private-key|~/.ssh/id_rsa")]
    [InlineData("app|--private-key=/etc/app/key.pem")]
    [InlineData("llama-server|--max-tokens|4096|--tokenizer|bpe")]
    [InlineData("app|--enable-password=false|--token=")]
    [InlineData("app|http://127.0.0.1:8080/path@2/x")]
    [InlineData("app|http://[::1]:8080/")]
    [InlineData("rsync|joe@host:/srv/www/|.")]
    [InlineData("git|clone|git@github.com:org/repo.git")]
    [InlineData("podman|run|docker.io/library/nginx:1.25@sha256:0123456789abcdef")]
    [InlineData("npx|vite@5.2.1|--host|0.0.0.0:5173")]
    [InlineData("npm|exec|npm:vite@5.2.1")]
    [InlineData("java|-cp|/a/b.jar:/c/d.jar|com.example.PasswordServer")]
    [InlineData("grep|-r|password|/etc")]
    [InlineData("python3|-m|http.server|8000|--bind|127.0.0.1")]
    [InlineData("erl|-name|shop@10.0.0.1|-kernel|inet_dist_listen_min|9100")]
    [InlineData("systemd|--user")]
    [InlineData("compass|--bypass=all|--monkey|ape")]
    [InlineData("app|--keyboard|us|--turkey|x|--keys=3")]
    [InlineData("kubectl|create|token|default")]
    [InlineData("chrome|--type=renderer|--field-trial-handle=1718379636,i,1,2,262144")]
    [InlineData("app|a==b|x=|=y|--|-")]
    public void NoSecret_OnACommandLine_StaysAsItIs(string arguments) => Assert.Equal(arguments, Masked(arguments));

    [Fact]
    public void Secrets_OfRealPrograms_AreMasked_AndNothingElse()
    {
        var rows = SecretCommandLines.All.Select(row => row.Replace('⏎', '\n')).ToList();
        Assert.True(rows.Count >= 600, $"{rows.Count} rows");
        AssertNone(rows.Select(row => Differs(row, Without(row), Marked(row))));
    }

    [Fact]
    public void CommandLines_WithoutSecrets_StayWhole()
    {
        var rows = HarmlessCommandLines.All.Select(row => row.Replace('⏎', '\n')).ToList();
        Assert.True(rows.Count >= 150, $"{rows.Count} rows");
        AssertNone(rows.Select(row => Differs(row, row, row)));
    }

    /// <summary>A long argument is read in a few passes: what would look back would not end within the test's time.</summary>
    [Theory]
    [InlineData("a=")]
    [InlineData("key=")]
    [InlineData("password=")]
    [InlineData("password=$(")]
    [InlineData("://")]
    [InlineData("x://a:b@")]
    [InlineData("a:b@c.d,")]
    [InlineData("\"a\":\"")]
    [InlineData("\\\"a\\\":\\\"")]
    [InlineData("-----BEGIN ")]
    [InlineData("-----BEGIN CERTIFICATE-----")]
    [InlineData("eyJ")]
    [InlineData("echo | ")]
    [InlineData("<<< x ")]
    [InlineData("sig=x&")]
    [InlineData("{x: [")]
    [InlineData("\"'")]
    [InlineData("' ")]
    [Trait("Lane", "second")]
    public void LongArguments_AreReadInTimeThatGrowsWithTheirLength(string part)
    {
        var text = string.Concat(Enumerable.Repeat(part, 100_000 / part.Length));
        Assert.Equal(4, SecretMask.Of(["app", text, "x " + text, "--" + text]).Length);
    }

    [Fact]
    public void Masking_WhatIsMasked_ChangesNothing()
    {
        var rows = GetType().GetMethod(nameof(Secret_OnACommandLine_IsMasked))!.CustomAttributes
            .Where(a => a.AttributeType == typeof(InlineDataAttribute))
            .Select(a => (string)((System.Collections.ObjectModel.ReadOnlyCollection<System.Reflection.CustomAttributeTypedArgument>)a.ConstructorArguments[0].Value!)[1].Value!)
            .Concat(SecretCommandLines.All.Select(row => Marked(row.Replace('⏎', '\n'))))
            .ToList();
        AssertNone(rows.Select(row => Differs(row, row, row)));
    }

    [Theory]
    [InlineData("a|'|\"|='|\"=|://|://@|://:@|x://:|:@|@|a:b@")]
    [InlineData("| | |\t|=|==|-p|--=|-=x|Bearer|:|: ")]
    [InlineData("sh|-c|'|\"unclosed --password 'x")]
    public void AnyText_IsTaken(string arguments) => Assert.Equal(arguments.Split('|').Length, Masked(arguments).Split('|').Length);

    [Fact]
    public void Snapshot_IsMaskedInEveryProcess()
    {
        var process = new ProcessRecord { Id = 1, Arguments = ["app", "--token", "x"] };
        var masked = SecretMask.Of(new Snapshot { TakenAt = default, Processes = [process, process with { Id = 2 }] });
        Assert.All(masked.Processes, p => Assert.Equal("app --token ***", string.Join(' ', p.Arguments)));
    }

    [Fact]
    public void Target_PastedWithAPassword_IsMasked()
    {
        var target = new Target { Text = "http://joe:pw@localhost:8080/", Protocol = Protocol.Tcp, Host = "localhost", Port = 8080 };
        Assert.Equal(target with { Text = "http://joe:***@localhost:8080/" }, SecretMask.Of(target));
        var unix = new Target { Text = "@a:b@c.d", Protocol = Protocol.Unix, Path = "@a:b@c.d" };
        Assert.Equal(unix, SecretMask.Of(unix));
    }

    [Fact]
    public void Snapshot_OfWorkersWithOneCommandLine_IsMaskedInEach()
    {
        ImmutableArray<string> plain = ["app", "--port", "80"], secret = ["app", "--password", "hunter2"];
        ProcessRecord Worker(int id, ImmutableArray<string> arguments) => new() { Id = id, Arguments = arguments };
        var masked = SecretMask.Of(new Snapshot { TakenAt = default, Processes = [Worker(1, plain), Worker(2, plain), Worker(3, secret), Worker(4, secret), Worker(5, plain)] }).Processes;
        Assert.Equal(["80", "80", "***", "***", "80"], masked.Select(static process => process.Arguments[2]));
    }

    // ¦ stands for a bar within an argument.
    private static string Masked(string arguments) =>
        string.Join('|', SecretMask.Of([.. arguments.Split('|').Select(one => one.Replace('¦', '|'))]).Select(one => one.Replace('|', '¦')));

    private static void AssertNone(IEnumerable<string?> differences)
    {
        var all = differences.OfType<string>().ToList();
        Assert.True(all.Count == 0, $"{all.Count}:{Environment.NewLine}{string.Join(Environment.NewLine, all)}");
    }

    private static string? Differs(string row, string arguments, string expected) => Masked(arguments) is var masked && masked == expected ? null : $"{row}{Environment.NewLine}   -> {masked}";

    private static string Without(string row) => row.Replace("«", "", StringComparison.Ordinal).Replace("»", "", StringComparison.Ordinal);

    private static string Marked(string row)
    {
        for (var open = row.IndexOf('«', StringComparison.Ordinal); open >= 0; open = row.IndexOf('«', StringComparison.Ordinal))
            row = string.Concat(row.AsSpan(0, open), "***", row.AsSpan(row.IndexOf('»', StringComparison.Ordinal) + 1));
        return row;
    }
}
