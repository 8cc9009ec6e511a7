using System.Collections.Immutable;

namespace Bindwise.Model.Platforms;

/// <summary>What is known of a system beside its bind rules: the numbers with which scenarios are played, and where they stand.</summary>
internal sealed record PlatformFacts
{
    /// <summary>How long TIME_WAIT lasts between two hosts; null where no source tells.</summary>
    public TimeSpan? TimeWait { get; init; }

    /// <summary>
    /// How long TIME_WAIT lasts where the peer is this host too, at least and at most, where that differs or hangs on a setting or a
    /// release; null where it is <see cref="TimeWait"/>.
    /// </summary>
    public (TimeSpan Least, TimeSpan Most)? LocalTimeWait { get; init; }

    /// <summary>The ports that are chosen for port 0; null where no source tells.</summary>
    public PortRange? Ephemeral { get; init; }

    /// <summary>IPV6_V6ONLY where a program sets nothing; null where no source tells.</summary>
    public bool? V6OnlyDefault { get; init; }

    /// <summary>What connect() says to a four-tuple that is taken; null where no source tells.</summary>
    public string? TakenFourTuple { get; init; }

    /// <summary>What bind() to port 0 says when no port is left; null where no source tells.</summary>
    public string? PortsExhausted { get; init; }

    /// <summary>The facts in words, by heading, each with its source.</summary>
    public required ImmutableArray<(string Heading, PlatformFact Fact)> Told { get; init; }
}
