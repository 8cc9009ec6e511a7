using System.Globalization;
using System.Text.Json;
using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Json;

/// <summary>A value as it stands in the document.</summary>
/// <param name="Kind">What it is; None where there is no value.</param>
/// <param name="Text">A string's text; of a number that no step can hold, its digits.</param>
/// <param name="Number">A number's value.</param>
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
