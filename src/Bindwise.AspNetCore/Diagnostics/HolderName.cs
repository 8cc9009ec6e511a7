using System.Globalization;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Escaping;

namespace Bindwise.AspNetCore.Diagnostics;

/// <summary>Who has a port, in a few words for one line of a log.</summary>
internal static class HolderName
{
    private const int Longest = 64;

    /// <summary><c>node (pid 8)</c>; without a visible process the cause, as <c>time-wait</c>.</summary>
    public static string Of(Diagnosis? diagnosis) => diagnosis is null
        ? "another socket"
        : diagnosis.Blockers.SelectMany(static one => one.Owners).FirstOrDefault()?.Process is { } process
            ? string.Create(CultureInfo.InvariantCulture, $"{Escaper.Escape(process.Name, Longest)} (pid {process.Id})")
            : $"a socket without a visible process ({diagnosis.Cause})";
}
