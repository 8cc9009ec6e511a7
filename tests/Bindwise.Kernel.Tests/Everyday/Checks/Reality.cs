using System.Globalization;
using System.Text.Json;
using Bindwise.Kernel.Tests.Answers;
using Bindwise.Kernel.Tests.Isolation;

namespace Bindwise.Kernel.Tests.Everyday.Checks;

/// <summary>What really happens to a server that starts: played against the kernel by another program.</summary>
internal static class Reality
{
    private static readonly string[] Both = ["0.0.0.0", "::"];

    /// <summary>The addresses that a target means.</summary>
    public static string[] AddressesOf(AnswerTarget target) => target.Address is { } address and not "*" ? [address] : Both;

    /// <summary>How bind() and then listen() end on each of the target's addresses: "ok" or an errno.</summary>
    public static async Task<string[]> StartAsync(Machine machine, int user, AnswerTarget target, params string[] options)
    {
        var input = AddressesOf(target).Select(address => new { protocol = target.Protocol, address, port = target.Port, options });
        var outcome = await machine.Host.RunAsAsync(user, JsonSerializer.Serialize(input), "python3", "-B", "-S", Programs.Script("try_binds.py")).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
        return [.. JsonSerializer.Deserialize<string?[][]>(outcome.Output)!.Select(static calls => calls[1] is { } listen and not "ok" ? listen : calls[0]!)];
    }

    /// <summary>Waits until a usual server, which sets SO_REUSEADDR, can start there.</summary>
    public static async Task UntilFreeAsync(Machine machine, AnswerTarget target)
    {
        var port = target.Port!.Value.ToString(CultureInfo.InvariantCulture);
        var outcome = await machine.Host.RunAsync(["python3", "-B", "-S", Programs.Script("await_free.py"), port, .. AddressesOf(target)]).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, $"after the first advice a server still cannot start: {outcome.Output}");
    }
}
