/** How long a join token is good, in seconds: unless its maker says otherwise, and at most. kubeadm's are good for a day. */
export const JOIN_TOKEN_TTL = { default: 3_600, limit: 86_400 };
