using Bindwise.Rendering.Escaping;

namespace Bindwise.Extensions.Hosting;

/// <summary>What to do about a failure, for somebody who reads the log of an application and not the command line of bindwise.</summary>
internal static class Advice
{
    /// <summary>The best remedy that needs no other tool; null where there is none.</summary>
    public static string? Of(Diagnosis? diagnosis)
    {
        var remedy = diagnosis?.Remedies.FirstOrDefault(
            static one => one.Command?.StartsWith("bindwise", StringComparison.Ordinal) != true);
        if (remedy is null)
            return null;
        var text = Escaper.EscapeSentence(remedy.Text.TrimEnd('.', ':', ' '));
        return remedy is { Command: { Length: > 0 } command, Language: null } ? $"{text}: {Escaper.Escape(command)}" : text + ".";
    }
}
