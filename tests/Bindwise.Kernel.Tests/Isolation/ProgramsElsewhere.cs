namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>Programs in namespaces of their own on a test host.</summary>
internal static class ProgramsElsewhere
{
    /// <summary>Starts a script of Scripts/ in a fresh network namespace with loopback up, and waits until its situation stands.</summary>
    /// <param name="host">The host, whose processes and files it shares.</param>
    /// <param name="script">The script.</param>
    /// <param name="words">Its words.</param>
    /// <param name="setUp">Shell commands that run in the namespace first.</param>
    /// <param name="user">As whom the script runs.</param>
    public static async Task<TestProgram> StartInAnotherNetworkAsync(this TestHost host, string script, string words, string setUp = ":", int user = 0)
    {
        var drop = user == 0 ? "" : $"setpriv --reuid {user} --regid {user} --clear-groups -- ";
        var program = host.Start(0, "unshare", "--net", "--", "/bin/sh", "-c",
            $"ip link set lo up && {setUp} && exec {drop}python3 -B -S {Programs.Script(script)} {words}");
        await program.ReadyAsync().ConfigureAwait(false);
        return program;
    }

    /// <summary>
    /// Starts a script as root of a user namespace that a user without rights made, with or without a network namespace of its own, and waits
    /// until its situation stands.
    /// </summary>
    public static async Task<TestProgram> StartInOwnUserNamespaceAsync(this TestHost host, bool ownNetwork, bool dropsCapabilities, string script, string words)
    {
        string[] network = ownNetwork ? ["--net"] : [];
        string[] drop = dropsCapabilities ? ["setpriv", "--bounding-set", "-all", "--"] : [];
        var program = host.Start(TestHost.Nobody, ["unshare", "--user", "--map-root-user", .. network, "--", .. drop, "python3", "-B", "-S", Programs.Script(script), .. words.Split(' ')]);
        await program.ReadyAsync().ConfigureAwait(false);
        return program;
    }
}
