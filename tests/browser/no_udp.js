// A network that lets no WebRTC through: the peer may use relays only, and there are none.
// Setting `udpPasses` opens it for the peers made from then on.
globalThis.udpPasses = false;

globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) {
    super({ ...configuration, ...(globalThis.udpPasses ? {} : { iceTransportPolicy: "relay" }) });
  }
};
