using System.Collections.Immutable;

namespace Bindwise;

/// <summary>
/// Which port a listener takes: exactly one, the first free one of a list or range, or one that the system picks. Candidates are tried in order.
/// Immutable; compared by its text.
/// </summary>
public sealed class PortPolicy : IEquatable<PortPolicy>
{
    private readonly ImmutableArray<PortSpan> _spans;

    private PortPolicy(ImmutableArray<PortSpan> spans) => _spans = spans;

    /// <summary>The system picks a port of its ephemeral range (port 0); the listener has its number.</summary>
    public static PortPolicy SystemChoice { get; } = new([default]);

    /// <summary>The spans of ports, in the order in which they are tried; a span that begins with 0 lets the system pick.</summary>
    public ImmutableArray<PortSpan> Spans => _spans;

    /// <summary>The one port; null if there are several candidates, or the system picks.</summary>
    public int? Single => _spans is [{ First: > 0 } only] && only.First == only.Last ? only.First : null;

    /// <summary>The system picks, and nothing else is tried before.</summary>
    public bool IsSystemChoice => _spans is [{ First: 0 }];

    /// <summary>The candidates, in order; 0 means that the system picks.</summary>
    public IEnumerable<int> Candidates => _spans.SelectMany(static span => Enumerable.Range(span.First, span.Last - span.First + 1));

    /// <summary>Exactly this port: if it is in use, the bind fails.</summary>
    /// <param name="port">1 to 65535; 0 lets the system pick.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not in 0 to 65535.</exception>
    public static PortPolicy Exactly(int port) => port == 0 ? SystemChoice : new([PortSpan.Of(port, port, nameof(port), nameof(port))]);

    /// <summary>The first free one of these, in this order.</summary>
    /// <param name="ports">1 to 65535 each; 0, only as the last, lets the system pick.</param>
    /// <exception cref="ArgumentException">The list is empty, has a port twice, or goes on after 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A port is not in 0 to 65535.</exception>
    public static PortPolicy FirstFree(params ReadOnlySpan<int> ports)
    {
        var spans = ImmutableArray.CreateBuilder<PortSpan>(ports.Length);
        foreach (var port in ports)
            spans.Add(PortSpan.Of(port, port, nameof(ports), nameof(ports)));
        return Of(spans.ToImmutable(), nameof(ports));
    }

    /// <summary>The first free one of a range, from its lower end.</summary>
    /// <param name="first">The first port, 1 to 65535.</param>
    /// <param name="last">The last port, not below <paramref name="first"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A port is not in 1 to 65535, or <paramref name="last"/> is below <paramref name="first"/>.</exception>
    public static PortPolicy Range(int first, int last)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        return new([PortSpan.Of(first, last)]);
    }

    /// <summary>These candidates, followed by those of another policy.</summary>
    /// <param name="next">What to try if none of these is free.</param>
    /// <exception cref="ArgumentException">A port would be tried twice, or something would follow port 0, which does not fail.</exception>
    public PortPolicy Then(PortPolicy next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Of([.. _spans, .. next._spans], nameof(next));
    }

    /// <summary>Reads the text form: ports and ranges with commas between, as <c>8080</c>, <c>8080,8090-8099</c>, <c>5000,0</c>.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text has another form; the message says where, and what would be right.</exception>
    public static PortPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var spans = ImmutableArray.CreateBuilder<PortSpan>();
        foreach (var part in text.Split(','))
        {
            spans.Add(PortSpan.TryParse(part)
                ?? throw new FormatException($"'{part.Trim()}' is not a port or range of ports; write ports from 0 to 65535, such as 8080, 8090-8099 or 8080,0"));
        }
        try
        {
            return Of(spans.ToImmutable(), nameof(text));
        }
        catch (ArgumentException exception)
        {
            throw new FormatException(exception.Message, exception);
        }
    }

    /// <summary>The same spans in the same order.</summary>
    public static bool operator ==(PortPolicy? left, PortPolicy? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Other spans, or another order.</summary>
    public static bool operator !=(PortPolicy? left, PortPolicy? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(PortPolicy? other) => other is not null && _spans.SequenceEqual(other._spans);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PortPolicy);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text form, which <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Join(',', _spans);

    private static PortPolicy Of(ImmutableArray<PortSpan> spans, string parameter)
    {
        if (spans.IsEmpty)
            throw new ArgumentException("The list of ports is empty: give at least one, or 0 to let the system pick.", parameter);
        for (var index = 0; index < spans.Length; index++)
        {
            if (spans[index].First == 0 && (index < spans.Length - 1 || spans[index].Last > 0))
                throw new ArgumentException("Port 0 lets the system pick a port, which always works: nothing can come after it.", parameter);
            for (var earlier = 0; earlier < index; earlier++)
            {
                if (spans[earlier].First <= spans[index].Last && spans[index].First <= spans[earlier].Last)
                    throw new ArgumentException($"Port {Math.Max(spans[earlier].First, spans[index].First)} is in the list twice.", parameter);
            }
        }
        return new PortPolicy(spans);
    }
}
