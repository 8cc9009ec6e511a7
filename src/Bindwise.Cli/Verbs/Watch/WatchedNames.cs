using System.Runtime.Versioning;
using Bindwise.Linux.Names;

namespace Bindwise.Cli.Verbs.Watch;

/// <summary>The ports of services by name, as <c>why</c> looks them up.</summary>
[SupportedOSPlatform("linux")]
internal static class WatchedNames
{
    /// <summary>The target with the port of the service that it names; as it is where none is known.</summary>
    public static Target WithPort(Target target) => target is { Port: null, Service: { } service }
        && ServiceNames.FindPort(service, target.Protocol) is { } port ? target with { Port = port } : target;
}
