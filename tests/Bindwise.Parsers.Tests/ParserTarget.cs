using System.Text;

namespace Bindwise.Parsers.Tests;

/// <summary>A parser of bytes that somebody else wrote.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Seeds">Inputs as they come in real life; mutants are made of them.</param>
/// <param name="Parse">Runs it to the end; throws nothing, whatever the bytes.</param>
public sealed record ParserTarget(string Name, byte[][] Seeds, Action<byte[]> Parse)
{
    /// <summary>Of a parser of bytes.</summary>
    internal static ParserTarget OfBytes(string name, Action<byte[]> parse, params byte[][] seeds) => new(name, seeds, parse);

    /// <summary>Of a parser of bytes whose real inputs are text.</summary>
    internal static ParserTarget OfLines(string name, Action<byte[]> parse, params string[] seeds) => new(name, [.. seeds.Select(Encoding.UTF8.GetBytes)], parse);

    /// <summary>Of a parser of text.</summary>
    internal static ParserTarget OfText(string name, Action<string> parse, params string[] seeds) =>
        new(name, [.. seeds.Select(Encoding.UTF8.GetBytes)], bytes => parse(Encoding.UTF8.GetString(bytes)));

    /// <inheritdoc/>
    public override string ToString() => Name;
}
