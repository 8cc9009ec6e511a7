using Bindwise.Recording.History;

namespace Bindwise.Cli.Verbs.Recording;

/// <summary>An option whose value is a moment (<see cref="MomentText"/>).</summary>
/// <param name="name">As <c>--since</c>.</param>
/// <param name="description">What it does, for help and manual page.</param>
internal sealed class MomentOption(string name, string description) : ValueOption(name, "TIME", description)
{
    /// <summary>The moment; null where none was given, or what was given is none.</summary>
    /// <param name="since">Where the span begins that it ends; null for a moment of its own.</param>
    public DateTimeOffset? Read(ParseResult parsed, DateTimeOffset now, out string? fault, DateTimeOffset? since = null)
    {
        fault = null;
        if (parsed.GetValue(this) is not { } given)
            return null;
        var moment = MomentText.ReadEnd(given, now, TimeZoneInfo.Local, since);
        fault = moment is null ? $"{Name} {given} is not a time: {MomentText.Forms}" : null;
        return moment;
    }
}
