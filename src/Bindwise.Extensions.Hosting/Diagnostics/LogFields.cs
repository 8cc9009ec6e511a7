using System.Collections;
using System.Globalization;
using System.Text;
using Bindwise.Rendering.Escaping;

namespace Bindwise.Extensions.Hosting;

/// <summary>
/// The fields of one log event: what is not known has no field. The text is made of its template, which has fields alone.
/// </summary>
internal sealed class LogFields : IReadOnlyList<KeyValuePair<string, object?>>
{
    // Where providers look for the template: one for all events of a kind, whatever their values.
    private const string Template = "{OriginalFormat}";

    private readonly List<KeyValuePair<string, object?>> _fields = [];
    private string _text = "";

    /// <inheritdoc/>
    public int Count => _fields.Count;

    /// <inheritdoc/>
    public KeyValuePair<string, object?> this[int index] => _fields[index];

    /// <summary>Adds one, unless it is null.</summary>
    public LogFields Add(string name, object? value)
    {
        if (value is not null)
            _fields.Add(new(name, value));
        return this;
    }

    public LogFields AddCause(Diagnosis? diagnosis) =>
        Add("Cause", diagnosis?.Cause.Id()).Add("Error", diagnosis?.Errno).Add("SecondsLeft", SecondsLeft(diagnosis));

    public LogFields AddTarget(Diagnosis? diagnosis) => diagnosis is null ? this
        : diagnosis.Target.Path is { } path ? Add("Path", Escaper.Escape(path))
            : Add("Address", diagnosis.Target.Address?.ToString()).Add("Port", (int?)diagnosis.Port);

    public LogFields AddHolder(Diagnosis? diagnosis) => HolderName.First(diagnosis) is { } holder
        ? Add("HolderProcessId", holder.Id).Add("HolderName", Escaper.Escape(holder.Name, HolderName.Longest))
        : this;

    /// <summary>With its template, whose placeholders are names of fields.</summary>
    public LogFields Complete(string template)
    {
        var text = new StringBuilder();
        var rest = template;
        for (var open = rest.IndexOf('{', StringComparison.Ordinal); open >= 0; open = rest.IndexOf('{', StringComparison.Ordinal))
        {
            var close = rest.IndexOf('}', open);
            var name = rest[(open + 1)..close];
            text.Append(rest, 0, open).Append(Convert.ToString(_fields.Find(one => one.Key == name).Value, CultureInfo.InvariantCulture));
            rest = rest[(close + 1)..];
        }
        _text = text.Append(rest).ToString();
        return Add(Template, template);
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _fields.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => _text;

    private static double? SecondsLeft(Diagnosis? diagnosis) =>
        diagnosis?.FreeAt is { } freeAt ? Math.Max(0, Math.Round((freeAt - diagnosis.TakenAt).TotalSeconds, 1)) : null;
}
