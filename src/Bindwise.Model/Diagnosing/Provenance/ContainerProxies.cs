namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// The programs by which container engines publish a container's port on the host: they hold the host's socket themselves.
/// </summary>
internal static class ContainerProxies
{
    /// <summary>The engine whose proxy a process is: <c>docker</c> or <c>podman</c>; null for any other process.</summary>
    public static string? EngineOf(ProcessRecord process) => EngineOf(process.Name) ?? EngineOf(ProcessNames.ProgramOf(process));

    /// <summary>
    /// The value of an option of docker-proxy (<c>-container-ip 172.17.0.2</c>) or conmon (<c>-n NAME</c>); null when it is not there.
    /// </summary>
    public static string? OptionOf(ProcessRecord process, string option)
    {
        for (var i = 1; i + 1 < process.Arguments.Length; i++)
        {
            if (process.Arguments[i] == option)
                return process.Arguments[i + 1];
        }
        return null;
    }

    // comm holds 15 bytes: rootlesskit-docker-proxy.
    private static string? EngineOf(string name) => name switch
    {
        "docker-proxy" or "rootlesskit" or "rootlesskit-doc" => "docker",
        "rootlessport" or "slirp4netns" or "pasta" or "pasta.avx2" or "passt" or "conmon" => "podman",
        _ => null,
    };
}
