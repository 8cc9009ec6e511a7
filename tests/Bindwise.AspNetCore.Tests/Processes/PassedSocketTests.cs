using System.Globalization;
using Bindwise.Extensions.Hosting;
using IsolatedProcess;
using Microsoft.AspNetCore.Hosting;

namespace Bindwise.AspNetCore.Tests.Processes;

/// <summary>Sockets that another process passes, as systemd does: taken by address, by name, in place of URLs, behind a wrapper.</summary>
[Trait("Lane", "second")]
public sealed class PassedSocketTests
{
    // Words: addresses with commas between, each NAME=HOST:PORT; exec or wrapped; the program. The sockets get the numbers from 3 on.
    private const string Manager = """
        import os, socket, sys
        sockets, names = [], []
        for one in sys.argv[1].split(","):
            name, _, where = one.partition("=")
            host, _, port = where.rpartition(":")
            made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind((host, int(port)))
            made.listen(16)
            names.append(name)
            sockets.append(made)
        for number, made in enumerate([os.dup(one.fileno()) for one in sockets], 3):
            os.dup2(made, 20 + number)
        for number in range(3, 3 + len(sockets)):
            os.dup2(20 + number, number, inheritable=True)
        os.environ.update(LISTEN_FDS=str(len(sockets)), LISTEN_FDNAMES=":".join(names), LISTEN_PID=str(os.getpid()))
        if sys.argv[2] == "miscounted":
            os.environ.update(LISTEN_FDS="9")
        if sys.argv[2] != "wrapped":
            os.execvp(sys.argv[3], sys.argv[3:])
        sys.exit(os.spawnvp(os.P_WAIT, sys.argv[3], sys.argv[3:]))
        """;

    [IsolatedFact("python3")]
    public Task Socket_AtTheUrlsAddress_IsTaken() => Body.RunAsync(static async () =>
    {
        await using var app = Start("web=127.0.0.1:5080", "exec", "--urls=http://127.0.0.1:5080;http://localhost:5081", "--Bindwise:SocketActivation=Matching");
        await app.SaysAsync("Now listening on: http://localhost:5081");
        Assert.Contains("http://127.0.0.1:5080 listens on the socket web that was passed to this process", app.Text, StringComparison.Ordinal);
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5080"));
        Assert.Equal("hello\n", await Web.GetAsync("http://[::1]:5081"));
    });

    [IsolatedFact("python3")]
    public Task Sockets_ByDefault_AreTakenWhereTheyMatch_AndTheOthersAreNamed() => Body.RunAsync(static async () =>
    {
        await using var app = Start("web=127.0.0.1:5080,other=127.0.0.1:5082", "exec", "--urls=http://127.0.0.1:5080");
        await app.SaysAsync("Now listening on: http://127.0.0.1:5080");
        await app.SaysAsync("http://127.0.0.1:5080 listens on the socket web that was passed to this process");
        await app.SaysAsync("The socket other (127.0.0.1:5082), passed to this process, is used by no endpoint");
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5080"));
    });

    [IsolatedFact("python3")]
    public Task Sockets_OfAnotherProcess_ByDefault_AreLeftAlone_WithAWarning() => Body.RunAsync(static async () =>
    {
        await using var app = Start("web=127.0.0.1:5080", "wrapped", "--urls=http://127.0.0.1:5081");
        await app.SaysAsync("Now listening on: http://127.0.0.1:5081");
        await app.SaysAsync("Sockets were passed to this process and are not used: ");
    });

    [IsolatedFact("python3")]
    public Task Socket_OfAName_IsTakenWhereverItIsBound() => Body.RunAsync(static async () =>
    {
        await using var app = Start("other=127.0.0.1:5083,web=::1:5084", "exec", "--urls=http://localhost:80", "--Bindwise:SocketActivation=Matching", "--Bindwise:SocketNames:80=web");
        await app.SaysAsync("Now listening on: http://localhost:5084");
        Assert.Equal("hello\n", await Web.GetAsync("http://[::1]:5084"));
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5084"));
        await app.SaysAsync("The socket other (127.0.0.1:5083), passed to this process, is used by no endpoint");
    });

    // Words: what is passed, the arguments, and which of localhost's addresses answer.
    [IsolatedTheory("python3")]
    [InlineData("web=127.0.0.1:5000", "", "127.0.0.1 [::1]")]
    [InlineData("web=::1:5000", "", "127.0.0.1 [::1]")]
    [InlineData("web=127.0.0.1:5000,six=::1:5000", "", "127.0.0.1 [::1]")]
    [InlineData("web=127.0.0.1:5000", "--Bindwise:Localhost=IPv4Only", "127.0.0.1")]
    [InlineData("web=127.0.0.1:5000", "--Bindwise:SocketActivation=InsteadOfUrls", "127.0.0.1")]
    [InlineData("web=127.0.0.1:5000,six=::1:5000", "--Bindwise:SocketActivation=InsteadOfUrls", "127.0.0.1 [::1]")]
    [InlineData("web=0.0.0.0:5000", "--Bindwise:SocketNames:5000=web", "127.0.0.1")]
    public Task Socket_AtOneAddressOfLocalhost_LeavesTheOtherToBeBound_UnlessItIsAllThatIsAskedFor(string sockets, string option, string answering) => Body.RunAsync(
        static async told =>
        {
            await using var app = Start(told[0], "exec", [.. told[1].Split(' ', StringSplitOptions.RemoveEmptyEntries), "--urls=http://localhost:5000"]);
            await app.SaysAsync("Application started");
            foreach (var address in new[] { "127.0.0.1", "[::1]" })
            {
                if (told[2].Split(' ').Contains(address))
                    Assert.Equal("hello\n", await Web.GetAsync($"http://{address}:5000"));
                else
                    await Assert.ThrowsAsync<HttpRequestException>(() => Web.GetAsync($"http://{address}:5000"));
            }
            Assert.DoesNotContain("Cannot assign requested address", app.Text, StringComparison.Ordinal);
        },
        [sockets, option, answering]);

    [IsolatedFact("python3")]
    public Task Sockets_InsteadOfUrls_AreAllThatIsListenedOn() => Body.RunAsync(static async () =>
    {
        await using var app = Start("a=127.0.0.1:5085,b=::1:5086", "exec", "--urls=http://127.0.0.1:5000;http://127.0.0.1:5085", "--Bindwise:SocketActivation=InsteadOfUrls");
        await app.SaysAsync("Now listening on: http://[::1]:5086");
        Assert.Contains("http://127.0.0.1:5000 is left out", app.Text, StringComparison.Ordinal);
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5085"));
        Assert.Equal("hello\n", await Web.GetAsync("http://[::1]:5086"));
        await Assert.ThrowsAsync<HttpRequestException>(static () => Web.GetAsync("http://127.0.0.1:5000"));
    });

    [IsolatedFact("python3")]
    public Task Sockets_BehindAWrapper_AreRefusedWithTheReason_OrTakenWhenAsked() => Body.RunAsync(static async () =>
    {
        await using (var refusing = Start("web=127.0.0.1:5087", "wrapped", "--urls=http://127.0.0.1:5087", "--Bindwise:ListenPidMismatch=Refuse"))
        {
            Assert.NotEqual(0, await refusing.EndAsync());
            await refusing.SaysAsync("a wrapper that started this process", times: 2);
            Assert.Equal(4, refusing.Lines.Count);
        }
        await using var taking = Start("web=127.0.0.1:5087", "wrapped", "--urls=http://127.0.0.1:5087", "--Bindwise:ListenPidMismatch=Take");
        await taking.SaysAsync("Now listening on: http://127.0.0.1:5087");
        Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5087"));
    });

    // Words: the URL, how the program is started, an option, the advice, and the options that follow it.
    [IsolatedTheory("python3")]
    [InlineData("http://127.0.0.1:5091 exec SocketActivation=Off", "Set Bindwise:SocketActivation to Matching.", "SocketActivation=Matching")]
    [InlineData("http://*:5091 exec SocketActivation=Matching", "Use its address for an endpoint, or name the socket in Bindwise:SocketNames.", "SocketNames:5091=web")]
    [InlineData("http://127.0.0.1:5091 wrapped ExplainFailures=true", "LISTEN_PID names another process: start this program with exec if a script starts it, or set Bindwise:ListenPidMismatch to Take.", "ListenPidMismatch=Take")]
    [InlineData("http://127.0.0.1:5091 wrapped ListenPidMismatch=Ignore", "LISTEN_PID names another process: start this program with exec if a script starts it, or set Bindwise:ListenPidMismatch to Take.", "ListenPidMismatch=Take")]
    public Task Socket_ThatNoEndpointTakes_AndThatIsInTheWay_IsToldWithWhatHelps(string start, string advice, string remedy) => Body.RunAsync(
        static async told =>
        {
            var (words, advice, remedy) = (told[0].Split(' '), told[1], told[2]);
            await using (var app = Start("web=127.0.0.1:5091", words[1], "--urls=" + words[0], "--Bindwise:Fallback=5091", "--Bindwise:" + words[2]))
            {
                Assert.NotEqual(0, await app.EndAsync());
                // A wrapper that goes on has the socket too.
                await app.SaysAsync(" on 127.0.0.1:5091. " + (words[1] == "exec" ? "That is this process itself. " : "This process is one of them. "));
                await app.SaysAsync("Next: The socket there was passed to this process (LISTEN_FDS). " + advice);
                Assert.DoesNotContain("Close the socket", app.Text, StringComparison.Ordinal);
            }
            await using var helped = Start("web=127.0.0.1:5091", words[1], "--urls=" + words[0], "--Bindwise:" + words[2], "--Bindwise:" + remedy);
            await helped.SaysAsync("Now listening on: ");
            Assert.Equal("hello\n", await Web.GetAsync("http://127.0.0.1:5091"));
        },
        [start, advice, remedy]);

    [IsolatedFact("python3")]
    public Task Socket_ThatCouldNotBeTaken_IsNotTheProgramsOwnFault() => Body.RunAsync(static async () =>
    {
        await using var app = Start("web=127.0.0.1:5091", "miscounted", "--urls=http://127.0.0.1:5091", "--Bindwise:Fallback=5091");
        Assert.NotEqual(0, await app.EndAsync());
        await app.SaysAsync("Next: The socket there was passed to this process (LISTEN_FDS). Let the program that starts this one set the variables to what it passes.");
        Assert.DoesNotContain("Close the socket", app.Text, StringComparison.Ordinal);
    });

    [IsolatedFact("python3")]
    public Task Socket_OfKestrelsOwnUseSystemd_IsServedOnce() => Body.RunAsync(static async () =>
    {
        await using var app = Started.Run("python3", ["-c", Manager, "web=127.0.0.1:5089,admin=127.0.0.1:5090", "exec", "dotnet", "exec", typeof(PassedSocketTests).Assembly.Location, .. Words(BesideUseSystemd)]);
        await app.SaysAsync("listening on 2, answers hello and hello");
        Assert.Equal(0, await app.EndAsync());
    });

    private static async Task BesideUseSystemd()
    {
        await using var web = await Web.StartAsync(options: static options => options.SocketActivation = SocketActivationMode.InsteadOfUrls, kestrel: static kestrel => kestrel.UseSystemd());
        var answers = new List<string>();
        foreach (var port in new[] { 5089, 5090 })
            answers.Add(await Web.GetAsync($"http://127.0.0.1:{port}"));
        Console.WriteLine($"listening on {web.Urls.Count}, answers {string.Join(" and ", answers)}");
        Assert.DoesNotContain(web.Log.All, static line => line.Contains("is used by no endpoint", StringComparison.Ordinal));
    }

    private static string[] Words(Func<Task> body) => ["run-apart", body.Method.DeclaringType!.FullName!, body.Method.MetadataToken.ToString(CultureInfo.InvariantCulture)];

    private static Started Start(string sockets, string manner, params string[] arguments) =>
        Started.Run("python3", ["-c", Manager, sockets, manner, "dotnet", "exec", Started.PathOf("KestrelFallback"), .. arguments]);
}
