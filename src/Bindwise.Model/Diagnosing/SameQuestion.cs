using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing;

/// <summary>
/// What an answer was asked, as one types it after <c>bindwise why</c> or <c>bindwise free</c>: the target, and the options without which
/// the target alone would stand for another bind(). They come from the binds themselves, so that what a pasted error told is among them.
/// </summary>
internal static class SameQuestion
{
    /// <summary><c>8080</c>, <c>53/udp</c>, <c>'[::]:8080' --plain</c>, a path; TARGET where it cannot be typed.</summary>
    public static ShellCommand Of(Target target, RequestPlan plan, Snapshot snapshot)
    {
        var typed = target with { Pasted = null };
        var usual = Usual(typed, snapshot);
        // Some runtimes open one [::] for what their error calls 0.0.0.0.
        return plan.Asked is [{ Protocol: not Protocol.Unix, Address: var address }] && target.Destination is null
            && usual.Any(one => one.Address != address)
                ? About(address, target.Scope, target, plan, snapshot) : Of(typed, usual, plan, snapshot);
    }

    /// <summary>The same of another address.</summary>
    /// <param name="scope">Its interface; null for none.</param>
    public static ShellCommand About(IpAddress address, string? scope, Target target, RequestPlan plan, Snapshot snapshot)
    {
        var typed = target with { Pasted = null, Host = address.ToString(), Address = address, Scope = scope };
        return Of(typed, Usual(typed, snapshot), plan, snapshot);
    }

    private static ShellCommand Of(Target typed, ImmutableArray<BindRequest> usual, RequestPlan plan, Snapshot snapshot) =>
        TargetNaming.Typed(typed, plan) is { } word && OptionsOf(typed, usual, plan, snapshot) is { } options
            ? ShellCommand.Of($"{word}{options}") : ShellCommand.Of($"TARGET");

    /// <summary>The binds of the target alone.</summary>
    private static ImmutableArray<BindRequest> Usual(Target typed, Snapshot snapshot) =>
        RequestPlan.From(typed, ProgramOptions.None, snapshot).Asked;

    /// <summary>Each with a blank before it; null where one cannot be typed.</summary>
    private static ShellCommand? OptionsOf(Target typed, ImmutableArray<BindRequest> usual, RequestPlan plan, Snapshot snapshot)
    {
        if (typed.Protocol == Protocol.Unix || typed.Destination is not null || plan.Asked.IsEmpty)
            return ShellCommand.Empty;
        var (asked, other) = (plan.Asked[0], usual[0]);
        var line = (asked.ReuseAddress, asked.ReusePort) == (other.ReuseAddress, other.ReusePort) ? ShellCommand.Empty
            : (asked.ReuseAddress, asked.ReusePort) switch
            {
                (false, false) => ShellCommand.Of($" --plain"),
                (true, false) => ShellCommand.Of($" --reuse-address"),
                (false, true) => ShellCommand.Of($" --reuse-port"),
                (true, true) => ShellCommand.Of($" --reuse-address --reuse-port"),
            };
        var isV6Only = IsV6Only(plan.Asked, snapshot);
        if (isV6Only is { } only && IsV6Only(usual, snapshot) is { } usually && only != usually)
            line = only ? ShellCommand.Of($"{line} --v6-only") : ShellCommand.Of($"{line} --dual-stack");
        // Where the kernel binds each new socket to it, nobody has to say so.
        if (asked.Device is not { } device || device == other.Device)
            return line;
        return NameGrammar.OptionValue.Word(device) is { } name ? ShellCommand.Of($"{line} --device {name}") : null;
    }

    /// <summary>Of the IPv6 socket; null without one.</summary>
    private static bool? IsV6Only(ImmutableArray<BindRequest> requests, Snapshot snapshot) =>
        requests.FirstOrDefault(static request => request.Address.Family == IpFamily.IPv6) is { } request
            ? snapshot.Settings.IsV6Only(request) : null;
}
