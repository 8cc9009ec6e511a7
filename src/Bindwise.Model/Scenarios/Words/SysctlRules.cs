using Bindwise.Model.Targets.Grammar;

namespace Bindwise.Model.Scenarios.Words;

/// <summary>Which sysctls a scenario may write, and which texts. Values out of range are left to the hosts: both say EINVAL.</summary>
internal static class SysctlRules
{
    private const int MaxValueChars = 1_000;

    /// <summary>Null, or what is wrong with the name.</summary>
    public static string? OfName(string name)
    {
        if (ScenarioSysctls.Find(name) is not null)
            return null;
        var known = ScenarioSysctls.All.Select(static sysctl => sysctl.Name).ToList();
        return $"scenarios know no sysctl {Fault.Quote(name)}{Nearest.Hint(name.Replace('/', '.'), known)}";
    }

    /// <summary>As sysctl(8) prints a value, so it may be given: the tab between two numbers is a blank to the kernel, the last line end nothing.</summary>
    public static string Plain(string value) => value.TrimEnd('\n').Replace('\t', ' ');

    /// <summary>Null, or what is wrong with the text to write.</summary>
    public static string? OfValue(string value)
    {
        if (value.Length > MaxValueChars)
            return $"a sysctl's value has {value.Length} characters, more than {MaxValueChars}; give a shorter one";
        return value.All(static c => c is >= ' ' and <= '~')
            ? null
            : $"the sysctl's value {Fault.Quote(value)} holds characters that no sysctl takes; write digits, blanks, commas and hyphens";
    }
}
