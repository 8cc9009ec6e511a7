using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Topics.Holders;

/// <summary>
/// In words, for whom a holder holds the socket that does so for another: a service manager, or a container engine's proxy.
/// </summary>
internal static class Agents
{
    /// <summary>The part of the first line; empty where the cause is another.</summary>
    public static string Behalf(DiagnosisContext context, Blocker main)
    {
        if (context.Cause == Cause.SocketActivation)
        {
            return UnitOf(main) is not { } unit ? ", on behalf of a service"
                : unit.Others.IsEmpty ? $", on behalf of {unit.Service} ({unit.Name})"
                : $", on behalf of {string.Join(" or ", unit.Others.Prepend(unit.Name))}";
        }
        if (context.Cause != Cause.PublishedContainerPort)
            return "";
        return ContainerOf(main) is not { Container: { } container } origin ? ", for a container"
            : $", for {NameOf(container)}{Inside(container)}"
                + (origin.Compose is { } compose ? $" of compose project {compose.Project}" : "");
    }

    /// <summary>How the cause comes about, with the service or the container named where it is known.</summary>
    public static string? Explanation(DiagnosisContext context)
    {
        if (context.Main is not { } main)
            return null;
        if (context.Cause == Cause.SocketActivation)
        {
            return UnitOf(main) is { Others.IsEmpty: true } unit
                ? $"systemd holds the socket for {unit.Name}, and starts {unit.Service} when a client connects."
                : "The service manager holds the socket for a service, and starts the service when a client connects.";
        }
        return ContainerOf(main) is { Container: { } container }
            ? $"{Wording.Sentence(container.Engine ?? "an engine")} publishes a port of {NameOf(container)} on this host; the server "
                + "itself runs in the container."
            : "A container engine publishes a container's port on this host; the server itself runs in the container.";
    }

    private static SocketUnitUse? UnitOf(Blocker main) =>
        main.Owners.Select(static o => o.StartedFrom?.SocketUnit).FirstOrDefault(static u => u is not null);

    private static ProcessProvenance? ContainerOf(Blocker main) =>
        main.Owners.Select(static o => o.StartedFrom).FirstOrDefault(static o => o?.Container is not null);

    private static string NameOf(ContainerUse container) => $"container {container.Name ?? ContainerRecord.ShortId(container.Id)}";

    private static string Inside(ContainerUse container) => container.Port is { } port ? $" (port {Wording.Number(port)} in it)" : "";
}
