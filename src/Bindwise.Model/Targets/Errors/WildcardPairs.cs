using System.Collections.Immutable;
using System.Globalization;
using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// Servers that listen on 0.0.0.0 and on [::] complain twice about one port, mostly held by one program: that is one question, the one that a
/// person would type, the port. It asks for both families, and so no less.
/// </summary>
internal static class WildcardPairs
{
    /// <summary>The same targets, each pair as the one port of the program that complained.</summary>
    public static ImmutableArray<Target> Join(ImmutableArray<Target> targets)
    {
        var joined = ImmutableArray.CreateBuilder<Target>(targets.Length);
        foreach (var target in targets)
        {
            var index = IsEveryAddress(target) ? IndexOfKin(joined, target) : -1;
            if (index < 0)
                joined.Add(target);
            else
                joined[index] = Join(joined[index], target);
        }
        return joined.ToImmutable();
    }

    private static bool IsEveryAddress(Target target) =>
        target is { Protocol: not Protocol.Unix, Port: not null } && (target.Address is { } address ? address.IsAny : target.Host is null or "*" or "+");

    private static int IndexOfKin(ImmutableArray<Target>.Builder targets, Target target)
    {
        for (var i = 0; i < targets.Count; i++)
        {
            if (IsEveryAddress(targets[i]) && (targets[i].Protocol, targets[i].Port) == (target.Protocol, target.Port) && IsSameProgram(targets[i].Pasted!, target.Pasted!))
                return i;
        }
        return -1;
    }

    private static bool IsSameProgram(PastedError one, PastedError other) =>
        (one.Runtime, one.Program, one.Errno, one.SetsReuseAddress, one.SetsReusePort) == (other.Runtime, other.Program, other.Errno, other.SetsReuseAddress, other.SetsReusePort);

    /// <summary>IPV6_V6ONLY is that of the half that knows it: 0.0.0.0 has none.</summary>
    private static Target Join(Target one, Target other) => new()
    {
        Text = string.Create(CultureInfo.InvariantCulture, $"{one.Port}"),
        Protocol = one.Protocol,
        Port = one.Port,
        Pasted = one.Pasted! with { SetsV6Only = one.Pasted.SetsV6Only ?? other.Pasted!.SetsV6Only, WildcardIsDualStack = null },
    };
}
