namespace Bindwise.Recording;

/// <summary>Where a store is, unless somebody says otherwise.</summary>
internal static class StoreDirectory
{
    /// <summary>That of the environment and the user.</summary>
    /// <param name="variable">Reads an environment variable.</param>
    /// <param name="isRoot">The effective user is root.</param>
    public static string Default(Func<string, string?> variable, bool isRoot)
    {
        ArgumentNullException.ThrowIfNull(variable);
        // systemd gives a list where the unit names several.
        if (variable("STATE_DIRECTORY") is { Length: > 0 } given)
            return given.Split(':')[0];
        if (variable("XDG_STATE_HOME") is ['/', ..] and var state)
            return state.TrimEnd('/') + "/bindwise";
        if (isRoot)
            return "/var/lib/bindwise";
        return variable("HOME") is { Length: > 0 } home ? home.TrimEnd('/') + "/.local/state/bindwise" : "/var/lib/bindwise";
    }
}
