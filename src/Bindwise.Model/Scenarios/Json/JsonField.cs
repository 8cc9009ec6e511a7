using System.Text.Json;
using Bindwise.Model.Scenarios.Words;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Json;

internal enum JsonField : byte
{
    Op,
    Socket,

    Protocol,

    /// <summary>ipv4 or ipv6.</summary>
    Family,

    User,

    Device,

    Option,

    /// <summary>An option's or a sysctl's value.</summary>
    Value,

    Address,
    Port,

    /// <summary>The interface of a link-local address.</summary>
    Scope,

    /// <summary>The socket to connect to.</summary>
    To,

    As,

    Bytes,

    How,

    Seconds,
    Name,
    Result,
    Rule,
    By,

    /// <summary>How many steps an expectation covers.</summary>
    Steps,

    Claimed,
    Process,
    Signal,
    Kind,

    /// <summary>The step that is tried again.</summary>
    Attempt,

    /// <summary>The seconds between two attempts.</summary>
    Every,

    For,

    /// <summary>listen()'s, which is fixed: known only to be refused with a reason.</summary>
    Backlog,
}

internal static class JsonFieldNames
{
    private static readonly string[] Names = [.. Enum.GetNames<JsonField>().Select(static name => name.ToLowerInvariant())];
    private static readonly byte[][] Utf8Names = [.. Names.Select(Encoding.UTF8.GetBytes)];

    public static int Count => Names.Length;
    public static IReadOnlyCollection<string> All => Names;

    public static string Of(JsonField field) => Names[(int)field];

    public static bool TryFind(ReadOnlySpan<byte> name, out JsonField field)
    {
        for (var index = 0; index < Utf8Names.Length; index++)
        {
            if (name.SequenceEqual(Utf8Names[index]))
            {
                field = (JsonField)index;
                return true;
            }
        }
        field = default;
        return false;
    }
}

/// <summary>The name of a document that has a fault, so that the answer can still be told from others.</summary>
internal static class JsonName
{
    /// <summary>The name, as far as the document can be read; empty when there is none.</summary>
    public static string Find(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                var isName = reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("name"u8);
                if (isName && reader.Read() && reader.TokenType == JsonTokenType.String)
                    return reader.GetString() is { } name && NameRules.OfScenario(name) is null ? name : "";
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return "";
        }
        return "";
    }
}

/// <summary>A value as it stands in the document.</summary>
/// <param name="Kind">What it is; None where there is no value.</param>
/// <param name="Text">A string's text; of a number that no step can hold, its digits.</param>
/// <param name="At">The byte at which it starts, from 0.</param>
internal readonly record struct JsonSlot(JsonTokenType Kind, string? Text, decimal Number, int At)
{
    /// <summary>The value for a message: shortened and harmless.</summary>
    public string Shown => Kind switch
    {
        JsonTokenType.String => Fault.Quote(Text),
        JsonTokenType.Number => Text is null ? Number.ToString(CultureInfo.InvariantCulture) : Fault.Show(Text),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        JsonTokenType.StartArray => "a list",
        _ => "an object",
    };
}
