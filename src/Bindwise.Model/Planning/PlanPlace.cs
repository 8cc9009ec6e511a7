namespace Bindwise.Model.Planning;

/// <summary>Where a port is taken. Ports of different places never collide.</summary>
internal enum PlanPlace : byte
{
    /// <summary>A socket in the network namespace of the host that runs the program.</summary>
    Host,

    /// <summary>A port of one node of a Kubernetes cluster: hostPort, or a container with hostNetwork.</summary>
    Node,

    /// <summary>A nodePort: taken on every node of a Kubernetes cluster.</summary>
    Cluster,
}
