import ipaddr from "ipaddr.js";

/** Names that only ever mean something nearby, with everything below them. */
const LOCAL_SUFFIXES = ["localhost", "local", "internal", "localdomain", "home.arpa", "lan", "intranet"];

/** Public by their range, and yet the metadata or host services of a cloud. */
const SERVICE_ADDRESSES = ["168.63.129.16"];

/**
 * Whether a URL's host may be on the public internet: not loopback, private, link-local, unique-local, multicast,
 * reserved or a metadata service, in any notation. `hostname` is that of a parsed `URL`, which has already turned
 * decimal, octal and hexadecimal IPv4 forms into the usual one. A name that resolves to such an address is caught after
 * DNS, by the network that the request leaves through.
 */
export function isPublicHost(hostname: string): boolean {
	const host = hostname.toLowerCase().replace(/\.+$/, "");
	if (host.startsWith("[")) return isPublicAddress(host.slice(1, -1));
	if (ipaddr.isValid(host)) return isPublicAddress(host);
	const labels = host.split(".");
	if (labels.length < 2 || host.length > 253 || labels.some((label) => label === "" || label.length > 63)) return false;
	return !LOCAL_SUFFIXES.some((suffix) => host === suffix || host.endsWith(`.${suffix}`));
}

function isPublicAddress(text: string): boolean {
	if (!ipaddr.isValid(text)) return false;
	const address = ipaddr.parse(text);
	if (address instanceof ipaddr.IPv4) return address.range() === "unicast" && !SERVICE_ADDRESSES.includes(address.toString());
	const embedded = embeddedIPv4(address);
	if (embedded) return isPublicAddress(embedded);
	// Global unicast is 2000::/3 (RFC 4291); whatever is special inside it has a range of its own.
	const [first = 0] = address.parts;
	return address.range() === "unicast" && first >> 13 === 1;
}

/** The IPv4 address that a packet to this IPv6 address ends up at, for those forms that carry one. */
function embeddedIPv4({ parts }: ipaddr.IPv6): string | undefined {
	const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = parts;
	const low = dotted(g, h);
	// ::a.b.c.d (deprecated), ::ffff:a.b.c.d (mapped), ::ffff:0:a.b.c.d (translated)
	if (a === 0 && b === 0 && c === 0 && d === 0 && [0, 0xffff].includes(e) && [0, 0xffff].includes(f)) return low;
	// 64:ff9b::a.b.c.d and the network-specific 64:ff9b:1::/48 (NAT64)
	if (a === 0x64 && b === 0xff9b) return low;
	// 2002:aabb:ccdd:: (6to4)
	if (a === 0x2002) return dotted(b, c);
	// …:0:5efe:a.b.c.d (ISATAP)
	if ((e === 0 || e === 0x200) && f === 0x5efe) return low;
	return undefined;
}

function dotted(high: number, low: number): string {
	return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}
