namespace Bindwise.Model.Planning;

/// <summary>One of several ways to run the same thing: ports with the same group and different choices are never open together.</summary>
/// <param name="Group">What is run in one of several ways, as the program of a folder.</param>
/// <param name="Choice">The way, as a launch profile.</param>
internal readonly record struct PlanAlternative(string Group, string Choice);

/// <summary>How much a remark matters.</summary>
internal enum PlanLevel : byte
{
    Note,
    Warning,
}

/// <param name="File">The path as it was given or found, with <c>/</c>.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in UTF-16 units.</param>
internal sealed record PlanLocation(string File, int Line, int Column = 1)
{
    /// <summary><c>compose.yaml:7</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");
}

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

/// <summary>How sure it is that the program takes the port.</summary>
internal enum PlanCertainty : byte
{
    /// <summary>The file says so.</summary>
    Stated,

    /// <summary>By a convention, such as the ports that foreman gives to the processes of a Procfile.</summary>
    Assumed,

    /// <summary>It asks for the port, and takes another one if it is taken.</summary>
    Preferred,
}

/// <summary>What deserves attention, in one sentence.</summary>
/// <param name="Id">A stable kebab-case id, as <c>in-ephemeral-range</c>.</param>
/// <param name="Text">One sentence. Text from the files stands in it unescaped: renderers escape.</param>
/// <param name="Location">Where; null for what no line of a file is about.</param>
internal sealed record PlanRemark(string Id, string Text, PlanLocation? Location)
{
    public PlanLevel Level { get; init; } = PlanLevel.Warning;
    public PlanLocation? Other { get; init; }
}
