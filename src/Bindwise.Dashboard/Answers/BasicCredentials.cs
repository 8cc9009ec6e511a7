using System.Net.Http.Headers;

namespace Bindwise.Dashboard.Answers;

/// <summary>The user's name and password in an address, which <see cref="HttpClient"/> does not send by itself (RFC 7617).</summary>
internal static class BasicCredentials
{
    /// <summary>The header's value; null where the address has none.</summary>
    public static AuthenticationHeaderValue? Of(Uri address) => address.UserInfo.Length == 0 ? null
        : new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(address.UserInfo))));
}
