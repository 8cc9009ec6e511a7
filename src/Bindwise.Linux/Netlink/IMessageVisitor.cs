namespace Bindwise.Linux.Netlink;

/// <summary>What an exchange does with each message. Implemented by structs, so that the walk has no indirect call.</summary>
internal interface IMessageVisitor
{
    /// <summary>A message that belongs to the request.</summary>
    void Visit(in NetlinkMessage message);

    /// <summary>The dump starts again: what was gathered is void, or is told apart by the visitor.</summary>
    void Restart();
}
