using System.Text.Json;
using Bindwise.Model.Diagnosing.Owners;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>kernelService</c> of a blocker: what in the kernel holds the socket, or null.</summary>
internal static class KernelOwnerJson
{
    public static void Write(Utf8JsonWriter writer, KernelOwner? owner)
    {
        if (owner is null)
        {
            writer.WriteNull("kernelService");
            return;
        }
        writer.WriteStartObject("kernelService");
        writer.WriteText("kind", KernelKinds.Name(owner.Kind));
        writer.WriteTexts("names", owner.Names);
        writer.WriteText("label", owner.Label);
        writer.WriteText("source", owner.Source);
        writer.WriteText("handler", owner.Handler);
        writer.WriteEndObject();
    }
}
