namespace Bindwise.Model.Planning;

/// <summary>How much a remark matters.</summary>
internal enum PlanLevel : byte
{
    /// <summary>For information.</summary>
    Note,

    /// <summary>It may go wrong.</summary>
    Warning,
}
