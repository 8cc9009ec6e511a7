using System.Collections.Immutable;
using Bindwise.Model.Platforms;
using Bindwise.Model.Platforms.Matrices;

namespace Bindwise.Model.Tests.Platforms;

/// <summary>Questions to the profiles in the words of <c>bindwise matrix</c>.</summary>
internal static class Ask
{
    /// <summary>What the second socket's calls give on a system, in the order <c>result rule</c>.</summary>
    public static string Pair(string system, string first, string second)
    {
        var ruling = Cell(system, first, second).Ruling;
        return $"{ruling.Text} {ruling.Rule.Id}";
    }

    /// <summary>The cell of a pair.</summary>
    public static MatrixCell Cell(string system, string first, string second) => MatrixCell.Of(Profile(system), Socket(first), Socket(second));

    /// <summary>A profile by its name.</summary>
    public static PlatformProfile Profile(string system) => PlatformProfiles.Find(system) ?? throw new ArgumentException($"{system} is no system.", nameof(system));

    /// <summary>A socket by its description.</summary>
    public static MatrixSocket Socket(string text)
    {
        var read = MatrixSpec.Read(text);
        return read.Value ?? throw new ArgumentException(read.Error, nameof(text));
    }

    /// <summary>bind() with more against it than another socket.</summary>
    public static string Bind(string system, PlatformSocket want, ushort port, bool isBound = false, bool isLocal = true, params PlatformHeld[] held)
    {
        var ruling = Profile(system).Bind(new PlatformQuestion(want, port, [.. held]) { IsBound = isBound, IsLocal = isLocal });
        return $"{ruling.Text} {ruling.Rule.Id}";
    }

    /// <summary>Every socket that a sweep over all axes makes.</summary>
    public static IEnumerable<MatrixSocket> Everything(Protocol protocol, bool isFirst)
    {
        ImmutableArray<PlatformState> states = !isFirst ? [PlatformState.Bound]
            : protocol == Protocol.Udp ? [PlatformState.Bound, PlatformState.Connected]
            : [PlatformState.Bound, PlatformState.Listening, PlatformState.Connected, PlatformState.TimeWait];
        foreach (var place in Places)
        {
            for (var options = 0; options < 16; options++)
            {
                foreach (var state in states)
                {
                    foreach (var user in (uint[])(isFirst ? [MatrixSocket.OrdinaryUser] : [MatrixSocket.OrdinaryUser, MatrixSocket.OtherUser, 0]))
                        yield return Socket(place) with { Protocol = protocol, Options = (MatrixOptions)options, State = state, User = user, Listens = !isFirst && protocol == Protocol.Tcp };
                }
            }
        }
    }

    private static readonly string[] Places =
        ["0.0.0.0", "127.0.0.1", "127.0.0.2", "dual [::]", "v6only [::]", "[::]", "[::1]", "dual [::ffff:127.0.0.1]", "dual [::ffff:0.0.0.0]"];
}
