using Bindwise.Model.Diagnosing;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Model.Diagnosing.Snippets;
using Bindwise.Model.Targets;
using static Bindwise.Model.Tests.Diagnosing.Hosts;

namespace Bindwise.Model.Tests.Diagnosing;

/// <summary>Whose language remedies speak: the pasted error's, else the owner's; C, and no guess, where neither is known.</summary>
public sealed class TargetLanguageTests
{
    [Theory]
    [InlineData("/usr/bin/python3.12", Runtime.Python)]
    [InlineData("/opt/pypy3.10/bin/pypy3", Runtime.Python)]
    [InlineData("/usr/local/bin/node", Runtime.Node)]
    [InlineData("/usr/local/bin/deno", Runtime.Node)]
    [InlineData("/home/me/.bun/bin/bun", Runtime.Node)]
    [InlineData("/usr/share/dotnet/dotnet", Runtime.DotNet)]
    [InlineData("/usr/lib/jvm/jdk-21/bin/java", Runtime.Java)]
    [InlineData("/usr/bin/ruby3.1", Runtime.Ruby)]
    [InlineData("/usr/bin/php8.2", Runtime.Php)]
    [InlineData("/tmp/go-build123/b001/exe/main", Runtime.Go)]
    [InlineData("/usr/sbin/nginx", null)]
    [InlineData("/usr/bin/nodemon-agent", null)]
    [InlineData("/home/me/python3-server", null)]
    [InlineData("/usr/sbin/php-fpm8.2", null)]
    public void Of_AnExecutable_IsItsRuntimeOrNone(string executable, Runtime? runtime) =>
        Assert.Equal(runtime, RuntimeSigns.Of(new ProcessRecord { Id = 1, Executable = executable, Arguments = ["python3"] }));

    [Theory]
    [InlineData("/usr/bin/python3", Runtime.Python)]
    [InlineData("node", Runtime.Node)]
    [InlineData("nginx: master process", null)]
    public void Of_AnUnreadableExecutable_IsByTheFirstArgument(string argument, Runtime? runtime) =>
        Assert.Equal(runtime, RuntimeSigns.Of(new ProcessRecord { Id = 1, Arguments = [argument, "server"] }));

    [Theory]
    [InlineData("python3", null, Runtime.Python, "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)")]
    [InlineData("srv", null, Runtime.C, "setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));")]
    [InlineData("srv", "Ruby", Runtime.Ruby, "sock.setsockopt(:SOCKET, :REUSEADDR, true)")]
    [InlineData("python3", "Erlang", Runtime.Python, "sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)")]
    [InlineData("node", null, Runtime.Node, null, "Node.js does this by default.")]
    [InlineData("deno", null, Runtime.Node, null, "Deno does this by default.")]
    [InlineData("bun", null, Runtime.Node, null, "Bun does this by default.")]
    [InlineData("srv", "Deno", Runtime.Node, null, "Deno does this by default.")]
    [InlineData("srv", "Bun", Runtime.Node, null, "Bun does this by default.")]
    public void ReuseAddress_IsSaidInTheLanguageAtHand(string owner, string? pasted, Runtime language, string? code, string end = ".")
    {
        var host = With("tcp 127.0.0.1 BOUND ra").HeldBy(Process(5, owner));
        var target = PortTarget("127.0.0.1") with { Pasted = pasted is null ? null : new PastedError { Runtime = pasted } };

        var remedy = Diagnoser.Diagnose(target, new ProgramOptions { ReuseAddress = false }, host).Remedies.Single(r => r.Id == "set-reuse-address");

        Assert.Equal((language, code), (remedy.Language!.Value, remedy.Command));
        Assert.EndsWith(end, remedy.Text, StringComparison.Ordinal);
    }

    // As under run, which knows whose call it was: the holder's language is another program's.
    [Theory]
    [InlineData("python3", "node", Runtime.Node)]
    [InlineData("node", "python3", Runtime.Python)]
    [InlineData("python3", "srv", Runtime.C)]
    public void Starting_IsTheProgramWhoseCallFailed(string owner, string calling, Runtime language)
    {
        var host = With("tcp 127.0.0.1 BOUND ra").HeldBy(Process(5, owner));
        host = host with { Caller = host.Caller with { ProcessId = 7, Process = Process(7, calling) } };

        var remedy = Diagnoser.Diagnose(PortTarget("127.0.0.1"), new ProgramOptions { ReuseAddress = false }, host).Remedies.Single(r => r.Id == "set-reuse-address");

        Assert.Equal(language, remedy.Language!.Value);
    }

    [Fact]
    public void HeirsOfDifferentRuntimes_SpeakC()
    {
        var owners = OwnerRoles.Assign(9, With() with { Processes = [Process(5, "python3"), Process(6, "node")], Holders = [new Holder(9, 5, 3), new Holder(9, 6, 3)] });

        Assert.Null(TargetLanguage.Of(owners));
    }

    [Fact]
    public void FromNowOn_WhereTheRuntimeSetsItByItself_IsNotAdvised()
    {
        var host = With("tcp 127.0.0.1 CLOSE_WAIT ra?").HeldBy(Process(5, "node"));

        Assert.DoesNotContain(Diagnoser.Diagnose(PortTarget("127.0.0.1"), ProgramOptions.None, host).Remedies, r => r.Id == "set-reuse-address-from-now");
    }
}
