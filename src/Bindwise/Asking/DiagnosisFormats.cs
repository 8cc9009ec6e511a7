using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Text;

namespace Bindwise;

/// <summary>A diagnosis as text and JSON, as <c>bindwise why</c> prints them.</summary>
public static class DiagnosisFormats
{
    /// <summary>The text, without colours; names of processes are escaped.</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    /// <param name="detail">How much to show.</param>
    /// <param name="width">The columns to wrap at, 20 or more; null: no wrapping.</param>
    public static string ToText(this Diagnosis diagnosis, Detail detail = Detail.Normal, int? width = 100)
    {
        ArgumentNullException.ThrowIfNull(diagnosis);
        return string.Join('\n', DiagnosisText.Render(diagnosis, new TextOptions(width, detail)).Select(static line => line.ToString()));
    }

    /// <summary>One line of JSON, schema <c>bindwise.diagnosis/1</c> (docs/json.md).</summary>
    /// <param name="diagnosis">The diagnosis.</param>
    public static string ToJson(this Diagnosis diagnosis) => DiagnosisJson.Render(diagnosis);
}
