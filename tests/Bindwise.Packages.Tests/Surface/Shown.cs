namespace Bindwise.Packages.Tests.Surface;

/// <summary>A type with every kind of member, to see that the surface shows them.</summary>
/// <param name="first">A parameter.</param>
/// <param name="others">More of them.</param>
public abstract class Shown(int first, params string[] others)
{
    /// <summary>A constant.</summary>
    public const int Number = 7;

    /// <summary>A field.</summary>
    public static readonly string Text = "";

    /// <summary>An event.</summary>
    public event EventHandler? Changed;

    /// <summary>A property that is set once.</summary>
    public int? Maybe { get; init; } = others.Length;

    /// <summary>A property that must be set.</summary>
    public required string Needed { get; set; }

    /// <summary>An indexer.</summary>
    public char this[int index, string? text] => text?[index] ?? Text[index];

    /// <summary>A generic method.</summary>
    public T Generic<T>(T? item = null)
        where T : class => item ?? throw new InvalidOperationException(Needed);

    /// <inheritdoc/>
    public override string ToString() => $"{first}{Hidden()}";

    /// <summary>Two of them are the same never.</summary>
    public static bool operator ==(Shown? one, Shown? other) => ReferenceEquals(one, other);

    /// <summary>Two of them are the same never.</summary>
    public static bool operator !=(Shown? one, Shown? other) => !ReferenceEquals(one, other);

    /// <summary>Its number.</summary>
    public static implicit operator int(Shown one) => one?.Maybe ?? Number;

    /// <summary>Flags, a text and a letter that C# writes in its own way.</summary>
    public static string Defaults(FileAccess access = FileAccess.Read, AttributeTargets targets = AttributeTargets.Class | AttributeTargets.Struct, DayOfWeek day = (DayOfWeek)9, string text = "\"a\\b\"\n", char letter = '\'') => $"{access}{targets}{day}{text}{letter}";

    /// <inheritdoc/>
    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    /// <inheritdoc/>
    public override int GetHashCode() => Number;

    /// <summary>What heirs write.</summary>
    protected abstract string? Name(out int length);

    private bool Hidden() => Changed is null;
}
