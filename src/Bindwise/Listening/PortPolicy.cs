using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;

namespace Bindwise;

/// <summary>
/// Which port a listener takes: exactly one, the first free one of a list or range, or one that the system picks. Candidates are tried in
/// order. Immutable; compared by its text.
/// </summary>
[TypeConverter(typeof(PortPolicyConverter))]
public sealed class PortPolicy : IEquatable<PortPolicy>, IParsable<PortPolicy>
{
    private readonly ImmutableArray<Part> _parts;

    private PortPolicy(ImmutableArray<Part> parts) => _parts = parts;

    /// <summary>The system picks a port of its ephemeral range (port 0); the listener has its number.</summary>
    public static PortPolicy SystemChoice { get; } = new([default(Part)]);

    /// <summary>The ranges of ports, in the order in which they are tried; a range that begins with 0 lets the system pick.</summary>
    public ImmutableArray<PortRange> Ranges => [.. _parts.Select(static part => part.Range)];

    /// <summary>The one port; null if there are several candidates, or the system picks.</summary>
    public int? Single => _parts is [{ First: > 0 } only] && only.First == only.Last ? only.First : null;

    /// <summary>The system picks, and nothing else is tried before.</summary>
    public bool IsSystemChoice => _parts is [{ First: 0 }];

    /// <summary>The candidates, in order; 0 means that the system picks. A shuffled range has another order in each enumeration.</summary>
    public IEnumerable<int> Candidates
    {
        get
        {
            foreach (var port in InOrder)
                yield return port;
        }
    }

    /// <summary>How many candidates come before this port where nothing is shuffled; null if it is none.</summary>
    internal int? PlaceOf(int port)
    {
        var before = 0;
        foreach (var part in _parts)
        {
            if (part.First == 0)
                return before;
            if (part.Contains(port))
                return before + port - part.First;
            before += part.Count;
        }
        return null;
    }

    internal CandidateEnumerator InOrder => new(_parts);

    /// <summary>Exactly this port: if it is in use, the bind fails.</summary>
    /// <param name="port">1 to 65535; 0 lets the system pick.</param>
    /// <exception cref="ArgumentOutOfRangeException">The port is not in 0 to 65535.</exception>
    public static PortPolicy Exactly(int port) => port == 0 ? SystemChoice : new([new Part(Checked(port, nameof(port)), port)]);

    /// <summary>The first free one of these, in this order.</summary>
    /// <param name="ports">1 to 65535 each; 0, only as the last, lets the system pick.</param>
    /// <exception cref="ArgumentException">The list is empty, has a port twice, or goes on after 0.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A port is not in 0 to 65535.</exception>
    public static PortPolicy FirstFree(params ReadOnlySpan<int> ports)
    {
        var parts = ImmutableArray.CreateBuilder<Part>(ports.Length);
        foreach (var port in ports)
            parts.Add(new Part(Checked(port, nameof(ports)), port));
        return Of(parts.ToImmutable(), nameof(ports));
    }

    /// <summary>The first free one of a range, from its lower end.</summary>
    /// <param name="first">The first port, 1 to 65535.</param>
    /// <param name="last">The last port, not below <paramref name="first"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A port is not in 1 to 65535, or <paramref name="last"/> is below
    /// <paramref name="first"/>.</exception>
    public static PortPolicy Range(int first, int last) => new([PartOf(first, last, isShuffled: false)]);

    /// <summary>
    /// A free one of a range, the candidates in random order: when many programs start at once over one range, each soon finds a port of
    /// its own, where from the lower end all of them would try the same ports one after the other.
    /// </summary>
    /// <param name="first">The first port, 1 to 65535.</param>
    /// <param name="last">The last port, not below <paramref name="first"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A port is not in 1 to 65535, or <paramref name="last"/> is below
    /// <paramref name="first"/>.</exception>
    public static PortPolicy ShuffledRange(int first, int last) => new([PartOf(first, last, isShuffled: true)]);

    /// <summary>These candidates, followed by those of another policy.</summary>
    /// <param name="next">What to try if none of these is free.</param>
    /// <exception cref="ArgumentException">A port would be tried twice, or something would follow port 0, which does not fail.</exception>
    public PortPolicy Then(PortPolicy next)
    {
        ArgumentNullException.ThrowIfNull(next);
        return Of([.. _parts, .. next._parts], nameof(next));
    }

    /// <summary>The same candidates without one port; null if no other is left.</summary>
    /// <param name="port">The port, 1 to 65535; nothing changes if it is no candidate.</param>
    public PortPolicy? Except(int port)
    {
        var parts = ImmutableArray.CreateBuilder<Part>();
        foreach (var part in _parts)
        {
            if (port == 0 || !part.Contains(port))
            {
                parts.Add(part);
                continue;
            }
            if (part.First < port)
                parts.Add(part with { Last = port - 1 });
            if (part.Last > port)
                parts.Add(part with { First = port + 1 });
        }
        return parts.Count == 0 ? null : new PortPolicy(parts.ToImmutable());
    }

    /// <summary>
    /// Reads the text form: ports and ranges with commas between, as <c>8080</c>, <c>8080,8090-8099</c>, <c>5000,0</c>; <c>~</c> shuffles
    /// the range after it, as <c>8080,~8090-8999</c>.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="FormatException">The text has another form; the message says where, and what would be right.</exception>
    public static PortPolicy Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(text, out var policy) is { } fault ? throw new FormatException(fault) : policy!;
    }

    /// <summary>Reads the text form; false if it is another.</summary>
    /// <param name="text">The text.</param>
    /// <param name="policy">The policy.</param>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out PortPolicy? policy) =>
        Read(text ?? "", out policy) is null;

    static PortPolicy IParsable<PortPolicy>.Parse(string s, IFormatProvider? provider) => Parse(s);

    static bool IParsable<PortPolicy>.TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider,
        [MaybeNullWhen(false)] out PortPolicy result) => TryParse(s, out result);

    /// <summary>The same ranges in the same order.</summary>
    public static bool operator ==(PortPolicy? left, PortPolicy? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Other ranges, or another order.</summary>
    public static bool operator !=(PortPolicy? left, PortPolicy? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(PortPolicy? other) => other is not null && _parts.SequenceEqual(other._parts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PortPolicy);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The text form, which <see cref="Parse(string)"/> reads.</summary>
    public override string ToString() => string.Join(',', _parts);

    private static string? Read(string text, out PortPolicy? policy)
    {
        policy = null;
        var parts = ImmutableArray.CreateBuilder<Part>();
        foreach (var word in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var isShuffled = word.StartsWith(Part.ShuffleMark);
            if (!PortRange.TryParse(isShuffled ? word[1..] : word, out var range))
                return $"'{word}' is not a port or range of ports; write ports from 0 to 65535, such as 8080, 8090-8099 or 8080,0";
            parts.Add(new Part(range.First, range.Last, isShuffled && range.First < range.Last));
        }
        var fault = FaultOf(parts.ToImmutable());
        policy = fault is null ? new PortPolicy(parts.ToImmutable()) : null;
        return fault;
    }

    private static PortPolicy Of(ImmutableArray<Part> parts, string parameter) =>
        FaultOf(parts) is { } fault ? throw new ArgumentException(fault, parameter) : new PortPolicy(parts);

    private static string? FaultOf(ImmutableArray<Part> parts)
    {
        if (parts.IsEmpty)
            return "The list of ports is empty: give at least one, or 0 to let the system pick.";
        for (var index = 0; index < parts.Length; index++)
        {
            var part = parts[index];
            if (part.First == 0 && (index < parts.Length - 1 || part.Last > 0))
                return "Port 0 lets the system pick a port, which always works: nothing can come after it.";
            foreach (var earlier in parts.AsSpan(0, index))
            {
                if (earlier.First <= part.Last && part.First <= earlier.Last)
                    return $"Port {Math.Max(earlier.First, part.First)} is in the list twice.";
            }
        }
        return null;
    }

    private static Part PartOf(int first, int last, bool isShuffled)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(first, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(last, first);
        return new Part(Checked(first, nameof(first)), Checked(last, nameof(last)), isShuffled);
    }

    private static int Checked(int port, string parameter) => port is >= 0 and <= ushort.MaxValue
        ? port
        : throw new ArgumentOutOfRangeException(parameter, port, "A port is a number from 0 to 65535.");

    // Numbers and no PortRange: that is a type of the model's assembly, which a bind that works does not load.
    /// <summary>Some of the ports: a range, in order or shuffled.</summary>
    internal readonly record struct Part(int First, int Last, bool IsShuffled = false)
    {
        public const char ShuffleMark = '~';

        public PortRange Range => new(First, Last);
        public int Count => Last - First + 1;

        public bool Contains(int port) => port >= First && port <= Last;

        public override string ToString() => IsShuffled ? $"{ShuffleMark}{Range}" : Range.ToString();
    }
}

/// <summary>Goes through the candidates: every port once, a shuffled range in an order that each enumerator makes for itself.</summary>
internal struct CandidateEnumerator(ImmutableArray<PortPolicy.Part> parts)
{
    private int _part = -1;
    private int _offset;
    private int _step;
    private int _left;

    /// <summary>The port; 0 lets the system pick.</summary>
    public readonly int Current => parts[_part].First + _offset;

    public readonly CandidateEnumerator GetEnumerator() => this;

    /// <summary>Goes to the next port; false after the last one.</summary>
    public bool MoveNext()
    {
        if (_left == 0)
            return ++_part < parts.Length && Begin(parts[_part]);
        _left--;
        _offset = (_offset + _step) % parts[_part].Count;
        return true;
    }

    // From a random port on, by a random step that has no divisor in common with the length: every port once, without a list of them.
    private bool Begin(PortPolicy.Part part)
    {
        var count = part.Count;
        _left = count - 1;
        _offset = part.IsShuffled ? Random.Shared.Next(count) : 0;
        _step = 1;
        while (part.IsShuffled && GreatestCommonDivisor(_step = Random.Shared.Next(1, count + 1), count) != 1)
            continue;
        return true;
    }

    private static int GreatestCommonDivisor(int one, int other)
    {
        while (other != 0)
            (one, other) = (other, one % other);
        return one;
    }
}

/// <summary>Reads a <see cref="PortPolicy"/> from text, for configuration binders and command lines.</summary>
public sealed class PortPolicyConverter : TypeConverter
{
    /// <inheritdoc/>
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) =>
        sourceType == typeof(string) || base.CanConvertFrom(context, sourceType);

    /// <inheritdoc/>
    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? PortPolicy.Parse(text) : base.ConvertFrom(context, culture, value);

    /// <inheritdoc/>
    public override object? ConvertTo(ITypeDescriptorContext? context, CultureInfo? culture, object? value, Type destinationType) =>
        value is PortPolicy policy && destinationType == typeof(string) ? policy.ToString()
            : base.ConvertTo(context, culture, value, destinationType);
}
