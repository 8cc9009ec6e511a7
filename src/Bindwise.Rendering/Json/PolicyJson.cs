using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Model.Diagnosing.Policies;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>policies</c> of the JSON form.</summary>
internal static class PolicyJson
{
    public static void Write(Utf8JsonWriter writer, ImmutableArray<Policy> policies)
    {
        writer.WriteStartArray("policies");
        foreach (var policy in policies)
        {
            writer.WriteStartObject();
            writer.WriteText("kind", PolicyKinds.Name(policy.Kind));
            writer.WriteText("name", policy.Name.Length == 0 ? null : policy.Name);
            writer.WriteText("where", policy.Where);
            writer.WriteText("detail", policy.Detail);
            writer.WriteBoolean("certain", policy.IsCertain);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
