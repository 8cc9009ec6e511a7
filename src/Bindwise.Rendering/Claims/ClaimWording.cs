using System.Globalization;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Claims;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Claims;

/// <summary>How claims are worded, alike in text and JSON.</summary>
internal static class ClaimWording
{
    /// <summary>The verdict as the end of a sentence: <c>true if both sockets had set it</c>.</summary>
    public static string Verdict(ClaimProof proof) => proof.Condition is { } condition ? $"true if {condition}" : proof.Verdict.Word();

    /// <summary>A recorded verdict: <c>true on 6.1..6.7</c>, <c>conditional in both-set</c>.</summary>
    public static string Recorded(RecordedVerdict recorded)
    {
        var cases = recorded.HoldsIn.IsEmpty ? "" : " in " + string.Join(", ", recorded.HoldsIn);
        return recorded.Verdict.Word() + cases;
    }

    /// <summary>The circumstances in which a claim is recorded to hold, of a conditional one; null for any other verdict.</summary>
    public static string? Condition(Claim claim, RecordedVerdict recorded) => recorded.Verdict == ClaimVerdict.Conditional
        ? string.Join("; or ", claim.Cases.Where(part => recorded.HoldsIn.Contains(part.Name)).Select(static part => part.When))
        : null;

    /// <summary>One line: what decided, case by case.</summary>
    public static string Evidence(ClaimProof proof) => string.Join("; ", proof.Cases.Select(static part => $"{part.Case.When}: {Evidence(part)}"));

    /// <summary>What decided in a case: <c>bind new 127.0.0.1:8080 gave EADDRINUSE, not ok</c>.</summary>
    public static string Evidence(CaseProof part) => part.Result.Error is { } error
        ? $"not played to its end, {error}"
        : string.Join(", ", part.ClaimedOn(part.IsOnKernel).Select(result => Evidence(part, result)));

    // A step and its result.
    private static string Evidence(CaseProof part, ClaimedResult result)
    {
        var given = result.Given.Result == ClaimedResult.Open ? "is told by no document" : $"gave {result.Given.Result}";
        if (part.Tries.FirstOrDefault(tries => tries.StepIndex == result.StepIndex) is { } tries)
            given += string.Create(CultureInfo.InvariantCulture, $" after {tries.Seconds:0.0} s and {tries.Attempts} attempts");
        return $"{BindText.Write(result.Step)} {given}{(result.IsMet is false ? $", not {result.Claimed}" : "")}";
    }

    /// <summary>A socket in a table: <c>127.0.0.1:8080 - 127.0.0.1:40000 TIME_WAIT, 59.7 s left, old</c>.</summary>
    public static string Row(SocketRow row)
    {
        var remote = row.Remote is { } other ? $" - {other}" : "";
        var left = row.SecondsLeft is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", {seconds:0.0} s left") : "";
        var process = row.Process is null ? "" : $" of {row.Process}";
        return $"{row.Local}{remote} {TcpStateNames.Of(row.State, row.Protocol)}{left}{(row.Socket is null ? "" : ", " + row.Socket)}{process}";
    }
}
