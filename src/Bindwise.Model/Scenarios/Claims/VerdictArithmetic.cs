namespace Bindwise.Model.Scenarios.Claims;

/// <summary>From cases to a verdict.</summary>
public static class VerdictArithmetic
{
    /// <summary>The verdict of cases in which a claim holds (true), fails (false) or has no answer (null).</summary>
    public static ClaimVerdict Of(IEnumerable<bool?> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        var (holds, fails, open) = (false, false, false);
        foreach (var isHeld in cases)
        {
            holds |= isHeld is true;
            fails |= isHeld is false;
            open |= isHeld is null;
        }
        // What holds here and fails there is conditional, whatever the open cases may say.
        return (holds, fails, open) switch
        {
            (true, true, _) => ClaimVerdict.Conditional,
            (true, false, false) => ClaimVerdict.True,
            (false, true, false) => ClaimVerdict.False,
            _ => ClaimVerdict.Unknown,
        };
    }

    /// <summary>The verdict as it is written.</summary>
    public static string Word(this ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.True => "true",
        ClaimVerdict.False => "false",
        ClaimVerdict.Conditional => "conditional",
        _ => "unknown",
    };
}
