namespace Bindwise.Model.Targets.Errors;

internal enum ProtocolSource : byte
{
    /// <summary>The words tell it, or who words it so has no other.</summary>
    Stated,

    /// <summary>A port is in use: TCP is what is usually meant.</summary>
    Assumed,

    /// <summary>A bind() failed, which sockets of both protocols make: either may be meant.</summary>
    Open,

    /// <summary>A program that needs both protocols, and does not say which of them was refused.</summary>
    Both,
}
