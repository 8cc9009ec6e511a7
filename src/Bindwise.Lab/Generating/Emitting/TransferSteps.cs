using Bindwise.Lab.Generating.Templates;
using Bindwise.Model.Addresses;
using Bindwise.Model.Scenarios;

namespace Bindwise.Lab.Generating.Emitting;

/// <summary>send and receive.</summary>
internal static class TransferSteps
{
    public static void Play(StepEmitter director, TransferTemplate talk)
    {
        if (talk.To is { } to && director.Cast.Pick(talk.Pair, static actor => actor.Protocol == Protocol.Udp) is { } sender)
        {
            SendTo(director, sender, to, talk);
            return;
        }
        if (director.Cast.Pick(talk.Pair, static actor => actor.IsConnected) is not { } first)
            return;
        var (from, receiver) = talk.IsFromPeer && first.Peer is { IsConnected: true } peer ? (peer, first) : (first, first.Peer);
        if (!director.Try(new SendStep(from.Name, talk.Bytes)))
            return;
        if (receiver is not null)
            receiver.Unread += talk.Bytes;
        else
            from.Underway += talk.Bytes;
        if (talk.IsRead && receiver is not null)
            Receive(director, receiver, talk.Bytes);
    }

    /// <summary>Sends where a datagram may find a socket.</summary>
    public static void SendTo(StepEmitter director, OpenSocket sender, DatagramTarget to, TransferTemplate talk)
    {
        var target = director.Cast.Pick(to.Way, static actor => actor.Protocol == Protocol.Udp && actor.Port != 0);
        var address = to.Odd?.Address ?? ClientSteps.Destination(sender.IsIPv6, target, to.Way);
        var port = target?.Port ?? director.OwnPort(to.PortSlot);
        if (!director.Try(new SendStep(sender.Name, talk.Bytes) { To = new IpEndpoint(address, port) }))
            return;
        sender.HasAutomaticPort |= !sender.IsBound;
        if (target is null || to.Odd is not null)
            return;
        target.Unread += talk.Bytes;
        if (talk.IsRead)
            Receive(director, target, talk.Bytes);
    }

    /// <summary>Receives what is there, or, seldom, what is not.</summary>
    public static void Receive(StepEmitter director, OpenSocket receiver, int bytes)
    {
        if (receiver.IsConnected && receiver.Unread == 0 && !director.TryWaitInVain())
            return;
        if (director.Try(new ReceiveStep(receiver.Name, Math.Max(1, bytes))))
            receiver.Unread = Math.Max(0, receiver.Unread - bytes);
    }
}
