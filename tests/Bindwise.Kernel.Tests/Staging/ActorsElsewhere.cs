namespace Bindwise.Kernel.Tests.Staging;

/// <summary>Actors in namespaces of their own within a stage.</summary>
internal static class ActorsElsewhere
{
    /// <summary>Starts a script of Actors/ in a fresh network namespace with loopback up, and waits until its situation stands.</summary>
    /// <param name="stage">The stage, whose processes and files it shares.</param>
    /// <param name="script">The script.</param>
    /// <param name="words">Its words.</param>
    /// <param name="scenery">Shell commands that run in the namespace first.</param>
    /// <param name="user">As whom the script runs.</param>
    public static async Task<Actor> ActInAnotherNetworkAsync(this Stage stage, string script, string words, string scenery = ":", int user = 0)
    {
        var drop = user == 0 ? "" : $"setpriv --reuid {user} --regid {user} --clear-groups -- ";
        var actor = stage.Start(0, "unshare", "--net", "--", "/bin/sh", "-c",
            $"ip link set lo up && {scenery} && exec {drop}python3 -B -S {Programs.Script(script)} {words}");
        await actor.ReadyAsync().ConfigureAwait(false);
        return actor;
    }

    /// <summary>
    /// Starts a script as root of a user namespace that a user without rights made, with or without a network namespace of its own, and waits
    /// until its situation stands.
    /// </summary>
    public static async Task<Actor> ActInOwnUserNamespaceAsync(this Stage stage, bool ownNetwork, bool dropsCapabilities, string script, string words)
    {
        string[] network = ownNetwork ? ["--net"] : [];
        string[] drop = dropsCapabilities ? ["setpriv", "--bounding-set", "-all", "--"] : [];
        var actor = stage.Start(Stage.Nobody, ["unshare", "--user", "--map-root-user", .. network, "--", .. drop, "python3", "-B", "-S", Programs.Script(script), .. words.Split(' ')]);
        await actor.ReadyAsync().ConfigureAwait(false);
        return actor;
    }
}
