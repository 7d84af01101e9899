#include "store/delivery_repository.h"

#include "store/consignment.h"

namespace posthouse::store {

std::vector<Delivered> DeliveryRepository::deliver(std::span<const Parcel> parcels, WhenBusy whenBusy) {
  return Consignment(parcels).send(transaction_, whenBusy == WhenBusy::wait);
}

std::vector<Delivered> DeliveryRepository::deliver(const Content& content, std::span<const Delivery> deliveries,
                                                   WhenBusy whenBusy) {
  std::vector<Parcel> parcels;
  parcels.reserve(deliveries.size());
  for (const Delivery& delivery : deliveries) parcels.push_back({&content, &delivery});
  return deliver(parcels, whenBusy);
}

void DeliveryRepository::deleteRetryKeys(std::span<const DeliveryKey> keys) {
  std::vector<AccountId> accounts;
  std::vector<db::Octets> octets;
  for (const DeliveryKey& key : keys) {
    accounts.push_back(key.account);
    octets.push_back({key.key});
  }
  transaction_.exec("SELECT posthouse.delete_retry_keys($1, $2)", accounts, octets);
}

}  // namespace posthouse::store
